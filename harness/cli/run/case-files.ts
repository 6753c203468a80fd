import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlackstartEvent } from '../../events/index.js';

/** Keeps the text of every case that did not pass in a file of its own below `cases`. */
export class CaseFiles {
	readonly #folder: string;
	readonly #texts = new Map<string, string>();

	constructor(folder: string) {
		this.#folder = join(folder, 'cases');
	}

	observe(event: BlackstartEvent): void {
		if (event.kind === 'run-case') this.#texts.set(`${event.scenario}/${event.title}`, event.case);
		if (event.kind !== 'scenario-ended' || event.verdict === 'passed' || event.verdict === 'skipped') return;
		const text = this.#texts.get(`${event.scenario}/${event.title}`);
		if (text === undefined) return;
		const slug = text.slice(0, text.indexOf(':')).split('/').at(-1) ?? 'case';
		mkdirSync(this.#folder, { recursive: true });
		writeFileSync(join(this.#folder, `${event.scenario}.${slug}.txt`), `${text}\n`);
	}
}
