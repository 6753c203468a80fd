import { replaySteps, type Subject } from '../../explorer/index.js';
import { realTime } from '../../time/index.js';
import { EXIT_CODES } from '../run/outcome.js';
import { UsageError } from '../usage-error.js';
import { formatReplayedStep } from './explore-text.js';
import { type ExplorerCase, parseExplorerCase } from './explorer-case.js';
import { SESSION_CASE_PREFIX } from './session/session-case.js';
import { type ShrunkCase, shrinkExplorerCase } from './shrink-explorer-case.js';
import { buildTarget } from './target.js';

/** `blackstart replay explore/…`: every step of a case again, with every flash operation; 1 where the failure comes back, 0 where it does not. */
export const replayExplorerCase = async (
	text: string,
	options: { readonly directory: string; readonly json: boolean /** 0: not at all. */; readonly shrinkMs: number },
): Promise<number> => {
	if (text.startsWith(SESSION_CASE_PREFIX)) {
		const { replaySession } = await import('./session/index.js');
		return replaySession(text, options);
	}
	const one = parseExplorerCase(text);
	const { tears, seeds, cycles, steps } = one;
	const subject = buildTarget(one, options);
	const replayed = refuseBadSteps(() => replaySteps(subject, { tears, cycles, seeds, steps }));
	const breaks = replayed.flatMap((step) => step.breaks);
	const people = options.json ? process.stderr : process.stdout;
	for (const step of replayed) people.write(formatReplayedStep(step));
	people.write(breaks.length > 0 ? `the failure came back: ${breaks.map((broken) => broken.class).join(', ')}\n` : 'nothing failed\n');
	const shrunk = breaks.length > 0 && options.shrinkMs > 0 ? shrink(subject, { one, shrinkMs: options.shrinkMs }) : null;
	if (shrunk !== null) people.write(shrunk.text);
	if (options.json) {
		const told = replayed.map(({ step, cut, operations, outcome, breaks: broken }) => ({
			step,
			...(cut ? { cut } : {}),
			operations: operations.length,
			outcome,
			breaks: broken,
		}));
		process.stdout.write(`${JSON.stringify({ failed: breaks.length > 0, steps: told, ...(shrunk === null ? {} : { shrunk: shrunk.json }) })}\n`);
	}
	return breaks.length > 0 ? EXIT_CODES.failed : EXIT_CODES.passed;
};

const shrink = (subject: Subject, { one, shrinkMs }: { readonly one: ExplorerCase; readonly shrinkMs: number }): ShrunkCase | null => {
	const endMs = realTime.nowMs() + shrinkMs;
	return shrinkExplorerCase(subject, { one, goesOn: () => realTime.nowMs() < endMs });
};

const refuseBadSteps = <Value>(replay: () => Value): Value => {
	try {
		return replay();
	} catch (cause) {
		if (cause instanceof TypeError && cause.message.startsWith('steps:')) throw new UsageError(`case: ${cause.message}`, { cause });
		throw cause;
	}
};
