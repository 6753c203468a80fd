import type { ConsoleMark, ConsolePort } from '../../../harness/ports/index.js';
import { monotonicMs } from '../monotonic.js';

export interface BootFenceOptions {
	/** Its first group is the nonce that the board draws at each boot. */
	readonly pattern: RegExp;
	/** Nonces of earlier boots, whose late output does not count. */
	readonly known: ReadonlySet<string>;
	readonly from?: ConsoleMark;
	readonly withinMs: number;
	readonly signal?: AbortSignal;
}

export interface FreshBoot {
	readonly nonce: string;
	readonly end: ConsoleMark;
}

/** Waits for a boot that is none of the known ones: what came before its nonce belongs to another boot, and no later wait sees it. */
export const expectFreshBoot = async (console: ConsolePort, { pattern, known, from, withinMs, signal }: BootFenceOptions): Promise<FreshBoot> => {
	const deadlineMs = monotonicMs() + withinMs;
	let start = from;
	for (;;) {
		const match = await console.expect(pattern, {
			withinMs: Math.max(1, deadlineMs - monotonicMs()),
			...(start === undefined ? {} : { from: start }),
			...(signal === undefined ? {} : { signal }),
		});
		const [nonce] = match.groups;
		if (nonce === undefined) throw new TypeError(`boot nonce ${pattern}: expected a group that takes part in every match`);
		if (!known.has(nonce)) return { nonce, end: match.end };
		start = match.end;
	}
};
