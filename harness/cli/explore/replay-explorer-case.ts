import { replaySteps } from '../../explorer/index.js';
import { EXIT_CODES } from '../run/outcome.js';
import { UsageError } from '../usage-error.js';
import { trySubject } from './try-subject.js';
import { TEAR_SEEDS } from './explore-command.js';
import { formatReplayedStep } from './explore-text.js';
import { type ExplorerCase, parseExplorerCase } from './explorer-case.js';
import { readUserPair } from './user-pair.js';

/** `blackstart replay explore/…`: every step of a case again, with every flash operation; 1 where the failure comes back, 0 where it does not. */
export const replayExplorerCase = (text: string, options: { readonly directory: string; readonly json: boolean }): number => {
	const one = parseExplorerCase(text);
	const { part, tears, cycles, steps } = one;
	const subject = trySubject(one.bootloader, { part, images: imagesOf(one, options) });
	const replayed = refuseBadSteps(() => replaySteps(subject, { tears, cycles, seeds: TEAR_SEEDS, steps }));
	const breaks = replayed.flatMap((step) => step.breaks);
	const people = options.json ? process.stderr : process.stdout;
	for (const step of replayed) people.write(formatReplayedStep(step));
	people.write(breaks.length > 0 ? `the failure came back: ${breaks.map((broken) => broken.class).join(', ')}\n` : 'nothing failed\n');
	if (options.json) {
		const told = replayed.map(({ step, cut, operations, outcome, breaks: broken }) => ({
			step,
			...(cut ? { cut } : {}),
			operations: operations.length,
			outcome,
			breaks: broken,
		}));
		process.stdout.write(`${JSON.stringify({ failed: breaks.length > 0, steps: told })}\n`);
	}
	return breaks.length > 0 ? EXIT_CODES.failed : EXIT_CODES.passed;
};

const imagesOf = ({ images }: ExplorerCase, { directory }: { readonly directory: string }) => {
	if (typeof images === 'string') return images;
	const pair = readUserPair({ from: images.from.path, to: images.to.path }, { directory });
	for (const end of ['from', 'to'] as const) {
		if (pair === null || pair[end].digest === images[end].digest) continue;
		throw new UsageError(`case: ${end}=${images[end].path} has changed since: SHA-256 ${images[end].digest}… was expected, got ${pair[end].digest}…`);
	}
	return pair?.bytes ?? [];
};

const refuseBadSteps = <Value>(replay: () => Value): Value => {
	try {
		return replay();
	} catch (cause) {
		if (cause instanceof TypeError && cause.message.startsWith('steps:')) throw new UsageError(`case: ${cause.message}`, { cause });
		throw cause;
	}
};
