import type { BootloaderName } from '../../../bootloader/index.js';
import type { InvariantName } from '../../../events/index.js';
import type { KnownLimit } from '../../../explorer/index.js';
import type { SessionRun } from './run-session.js';
import { encodeSessionCase, type SessionTarget } from './session-case.js';
import { limitOfSession } from './session-limits.js';
import type { ShrunkSession } from './shrink-session.js';

/** What went wrong in a session: the first of its invariant, or of its known limit. */
export interface SessionFinding {
	readonly invariant: InvariantName;
	readonly class: string;
	readonly message: string;
	readonly case: string;
	readonly run: SessionRun;
	readonly limit?: KnownLimit;
	/** The smaller case that goes wrong alike, where one was looked for. */
	readonly shrunk?: ShrunkSession;
	/** Sessions in which it went wrong. */
	readonly seen: number;
}

/** The class of a finding, in the words of the walk where it has one. */
const CLASS_OF: Readonly<Record<InvariantName, string>> = {
	bootable: 'never-boots',
	whole: 'boots-a-mix',
	authentic: 'boots-unauthentic',
	'no-downgrade': 'counter-wrong',
	trial: 'trial-broken',
	settings: 'settings-lost',
	truthful: 'service-misled',
	once: 'done-twice',
	converges: 'stuck',
	thrifty: 'downloaded-again',
	gentle: 'herd',
	contained: 'not-contained',
	audited: 'not-audited',
	tidy: 'leftovers',
};

export const findInSessions = (
	runs: readonly SessionRun[],
	on: { readonly target: SessionTarget; readonly bootloader: BootloaderName },
): readonly SessionFinding[] => {
	const found = new Map<string, SessionFinding>();
	for (const run of runs) {
		const limit = run.violations.length === 0 ? undefined : limitOfSession(on.bootloader, run);
		for (const { invariant, message } of run.violations) {
			const key = limit?.name ?? invariant;
			const known = found.get(key);
			found.set(key, {
				...(known ?? {
					invariant,
					class: CLASS_OF[invariant],
					message,
					case: encodeSessionCase({ ...on.target, cuts: run.cuts }),
					run,
					...(limit === undefined ? {} : { limit }),
				}),
				seen: (known?.seen ?? 0) + 1,
			});
			// What falls under a limit is one thing, whatever it breaks.
			if (limit !== undefined) break;
		}
	}
	return [...found.values()];
};
