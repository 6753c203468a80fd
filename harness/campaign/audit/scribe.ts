import type { BlackstartEvent } from '../../events/index.js';
import { type AuditBook, AUDITED_KINDS, createAuditBook, describeEvent } from './describe-event.js';
import { appendEntry, EMPTY_TRAIL, type TrailHead } from './entry.js';

/** Whether an event shows that its case is one of a campaign: only those cases leave a trail. */
export const isCampaignKind = (kind: string): boolean => kind.startsWith('rollout-') || kind.startsWith('campaign-');

/** Whether a scribe needs an event of that kind: all others may be left unread. */
export const isAuditedKind = (kind: string): boolean => kind === 'scenario-started' || kind === 'world-opened' || AUDITED_KINDS.has(kind);

/** Writes a trail from the events of cases, one after the other. */
export class TrailScribe {
	#head: TrailHead = EMPTY_TRAIL;
	#book: AuditBook = createAuditBook();
	#case = { scenario: '', title: '' };

	/** How far the trail goes. */
	get head(): TrailHead {
		return this.#head;
	}

	/** The line that the event adds to the trail, newline included; undefined where it adds none. */
	observe(event: BlackstartEvent): string | undefined {
		if (event.kind === 'scenario-started') this.#case = { scenario: event.scenario, title: event.title };
		// Another world has other devices and jobs of the same names.
		if (event.kind === 'scenario-started' || event.kind === 'world-opened') this.#book = createAuditBook();
		const facts = describeEvent(event, this.#book);
		if (facts === undefined) return undefined;
		const { line, head } = appendEntry(this.#head, { ...this.#case, ...facts });
		this.#head = head;
		return line;
	}
}
