import type { BlackstartEvent } from '../../harness/events/index.js';
import { writeFileAtomically } from '../atomic-file.js';
import { encodeData, encodePage } from './encode-page.js';
import type { RunData } from './run-data.js';
import { RunFold } from './run-fold.js';

/** Keeps a run's `report.html`, from all of its events; written when it is told to, whole or not at all. */
export class HtmlReport {
	readonly #fold = new RunFold();

	/** `scenario`: the file that the event belongs to. Events of one file come in their own order. */
	observe(event: BlackstartEvent, scenario?: string): void {
		this.#fold.observe(event, scenario);
	}

	read(): RunData {
		return this.#fold.read();
	}

	write(path: string): void {
		writeFileAtomically(path, encodePage(this.#fold.read()));
	}

	/** The page that follows a run while it goes. */
	encodeLive(): string {
		return encodePage(this.#fold.read(), { live: true });
	}

	/** What the page shows, as the page reads it. */
	encodeData(): string {
		return encodeData(this.#fold.read());
	}
}
