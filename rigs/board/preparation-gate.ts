import type { BlackstartEvent } from '../../harness/events/index.js';

/** Keeps what happens while a board is brought to its golden image from being held against the case that takes it: what was there before is of another case. */
export class PreparationGate {
	readonly #record: (event: BlackstartEvent) => void;
	#isOpen = false;
	#running: BlackstartEvent | undefined;

	constructor(record: (event: BlackstartEvent) => void) {
		this.#record = record;
	}

	readonly record = (event: BlackstartEvent): void => {
		if (event.kind === 'board-running') this.#running = event;
		if (this.#isOpen || event.kind === 'board-opened' || event.kind === 'board-power' || event.kind === 'release-published') this.#record(event);
	};

	/** What runs now is where the case begins. */
	open(): void {
		this.#isOpen = true;
		if (this.#running !== undefined) this.#record(this.#running);
	}
}
