import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlackstartEvent } from '../../events/index.js';

/** Keeps the text of every case that did not pass in a file of its own below `cases`, and beside it that of a smaller one that fails like it. */
export class CaseFiles {
	readonly #folder: string;
	readonly #texts = new Map<string, string>();

	constructor(folder: string) {
		this.#folder = join(folder, 'cases');
	}

	observe(event: BlackstartEvent): void {
		if (event.kind === 'run-shrunk' && event.case !== undefined) this.#write(event.scenario, event.case, '.shrunk');
		if (event.kind === 'run-case') this.#texts.set(`${event.scenario}/${event.title}`, event.case);
		if (event.kind !== 'scenario-ended' || event.verdict === 'passed' || event.verdict === 'skipped') return;
		const text = this.#texts.get(`${event.scenario}/${event.title}`);
		if (text === undefined) return;
		this.#write(event.scenario, text);
	}

	#write(scenario: string, text: string, suffix = ''): void {
		const slug = text.slice(0, text.indexOf(':')).split('/').at(-1) ?? 'case';
		mkdirSync(this.#folder, { recursive: true });
		writeFileSync(join(this.#folder, `${scenario}.${slug}${suffix}.txt`), `${text}\n`);
	}
}
