import type { BlockDownloadStats } from '../../harness/protocols/index.js';

/** What a download is to do next, as its looks at the progress find it. */
export type Advice = 'wait' | 'ask-again' | 'reconnect' | 'give-up';

const ASK_AGAIN_AFTER_LOOKS = 2;
const RECONNECT_AFTER_LOOKS = 4;
/** A day of looks with a connection, at 15 s each: whoever sends a file that slowly never means it to arrive. */
const MOST_LOOKS = 5_760;
/** Windows of blocks that nobody asked for, on one connection; a service that is asked again may send a window twice. */
const MOST_UNASKED_WINDOWS = 4;
const MOST_FLOODS = 3;

/**
 * How long a download puts up with a service that sends nothing, too little, or what nobody asked for (TUF: slow retrieval,
 * endless data): it asks again, then on another connection, and in the end not at all.
 */
export class DownloadPatience {
	readonly #windowBlocks: number;
	#looks = 0;
	#quietLooks = 0;
	#floods = 0;
	/** Useless blocks up to the last connection. */
	#uselessBefore = 0;

	constructor(options: { readonly windowBlocks: number }) {
		this.#windowBlocks = options.windowBlocks;
	}

	newBlock(): void {
		this.#quietLooks = 0;
	}

	/** A look at the progress, every 10 to 20 s while there is a connection. */
	look(stats: BlockDownloadStats): Advice {
		this.#looks++;
		this.#quietLooks++;
		if (this.#looks > MOST_LOOKS) return 'give-up';
		if (this.#quietLooks === ASK_AGAIN_AFTER_LOOKS) return 'ask-again';
		if (this.#quietLooks < RECONNECT_AFTER_LOOKS) return 'wait';
		this.#quietLooks = 0;
		return stats.wrongSize > 0 ? 'give-up' : 'reconnect';
	}

	/** A block came, of whatever use. */
	received(stats: BlockDownloadStats): Advice {
		const useless = uselessOf(stats);
		if (useless - this.#uselessBefore <= MOST_UNASKED_WINDOWS * this.#windowBlocks) return 'wait';
		this.#uselessBefore = useless;
		return ++this.#floods < MOST_FLOODS ? 'reconnect' : 'give-up';
	}

	/** Why it gave up, in the words of a report. */
	reason(stats: BlockDownloadStats): string {
		if (stats.wrongSize > 0) return 'stream: its blocks have other sizes than the job declares';
		if (this.#floods >= MOST_FLOODS) return `stream: ${uselessOf(stats)} blocks came that nobody asked for`;
		return 'stream: a day was not enough';
	}

	/** On a new connection, nothing of what came before is still on its way. */
	connected(stats: BlockDownloadStats): void {
		this.#uselessBefore = uselessOf(stats);
	}
}

/** Messages that are no block of the file at all. */
export const strangeBlocksOf = ({ outOfRange, wrongFile, wrongSize, malformed }: BlockDownloadStats): number => outOfRange + wrongFile + wrongSize + malformed;

const uselessOf = (stats: BlockDownloadStats): number => strangeBlocksOf(stats) + stats.duplicates + stats.late;
