import type { BlackstartEvent } from '../../events/index.js';
import { createJudge, type Judge } from '../../invariants/index.js';

/** Events of one board: those of a cut go to a judge of its own, which knows what was published and what ran before. */
export class CutSink {
	/** Events of the cut under way. */
	events: BlackstartEvent[] = [];
	readonly #tell: (event: BlackstartEvent) => void;
	readonly #published: BlackstartEvent[] = [];
	#opened: BlackstartEvent | undefined;
	#running: BlackstartEvent | undefined;
	#judge: Judge | undefined;

	constructor(tell: (event: BlackstartEvent) => void) {
		this.#tell = tell;
	}

	readonly record = (event: BlackstartEvent): void => {
		if (event.kind === 'board-opened') this.#opened = event;
		if (event.kind === 'release-published') this.#published.push(event);
		if (event.kind === 'board-running') this.#running = event;
		this.events.push(event);
		this.#judge?.observe(event);
		this.#tell(event);
	};

	readonly judge = (): Judge => {
		const judge = createJudge();
		for (const event of [this.#opened, ...this.#published, this.#running]) if (event !== undefined) judge.observe(event);
		this.#judge = judge;
		return judge;
	};
}
