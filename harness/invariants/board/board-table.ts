import type { EventOf } from '../invariant.js';

export interface BoardNamed {
	readonly kind: string;
	readonly board: string;
}

/** What an invariant remembers of each board; made anew when a board is restored, for what it had before counts no more. */
export class BoardTable<State> {
	readonly #create: () => State;
	readonly #states = new Map<string, State>();

	constructor(create: () => State) {
		this.#create = create;
	}

	open({ board }: EventOf<'board-opened'>): void {
		this.#states.set(board, this.#create());
	}

	restore({ board }: BoardNamed): State {
		const state = this.#create();
		this.#states.set(board, state);
		return state;
	}

	/** Throws a RangeError where the board was never opened: nothing can be judged then. */
	of({ kind, board }: BoardNamed): State {
		const state = this.#states.get(board);
		if (state === undefined) throw new RangeError(`${kind} of board ${board}: its board-opened event was expected first`);
		return state;
	}

	entries(): Iterable<readonly [board: string, state: State]> {
		return this.#states;
	}
}
