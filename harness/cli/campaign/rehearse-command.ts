import { DEFAULT_BACKGROUND_RATIO, type Rehearsal, rehearsePlan } from '../../campaign/index.js';
import { realTime } from '../../time/index.js';
import { parseCount, parseSeed } from '../run/flag-values.js';
import { onInterrupt } from '../run/interrupt.js';
import { EXIT_CODES } from '../run/outcome.js';
import { UsageError } from '../usage-error.js';
import { parseRatioFlag } from './flag-values.js';
import { readPlanFile } from './plan-file.js';
import { HOW_REHEARSED, renderRehearsals } from './rehearse-text.js';

/** The arguments of `blackstart rehearse`, as typed. */
export interface RehearseArguments {
	readonly plan?: string | undefined;
	readonly compare?: string | undefined;
	readonly devices?: string | undefined;
	readonly seeds?: string | undefined;
	readonly seed?: string | undefined;
	readonly 'failure-rate'?: string | undefined;
	readonly background?: string | undefined;
	readonly json: boolean;
}

const DEFAULT_DEVICES = 10_000;
const DEFAULT_SEEDS = 100;
const DEFAULT_FAILURE_RATIO = 0.02;
const MOST_DEVICES = 1_000_000;
const MOST_SEEDS = 100_000;
const PROGRESS_EVERY_MS = 1_000;
const CLEAR_LINE = '\r\u001b[K';

/** `blackstart rehearse`: one campaign over many seeds, or two side by side; returns the exit code. */
export const rehearseCommand = async (typed: RehearseArguments, { directory }: { readonly directory: string }): Promise<number> => {
	const files = [typed.plan, ...(typed.compare === undefined ? [] : [typed.compare])];
	const plans = files.map((file) => readPlanFile(file, { directory }));
	const options = {
		devices: typed.devices === undefined ? DEFAULT_DEVICES : parseCount(typed.devices, { flag: 'devices', most: MOST_DEVICES }),
		seeds: typed.seeds === undefined ? DEFAULT_SEEDS : parseCount(typed.seeds, { flag: 'seeds', most: MOST_SEEDS }),
		seed: typed.seed === undefined ? '1' : parseSeed(typed.seed),
		failureRatio: typed['failure-rate'] === undefined ? DEFAULT_FAILURE_RATIO : parseRatioFlag(typed['failure-rate'], { flag: 'failure-rate' }),
		backgroundRatio: typed.background === undefined ? DEFAULT_BACKGROUND_RATIO : parseRatioFlag(typed.background, { flag: 'background' }),
	};
	const startedMs = realTime.nowMs();
	const rehearsals: Rehearsal[] = [];
	const leave = (): never => {
		process.stderr.write(`${process.stderr.isTTY ? CLEAR_LINE : ''}interrupted: nothing is told of campaigns that were not all carried out\n`);
		process.exit(EXIT_CODES.interrupted);
	};
	const stopListening = onInterrupt({ first: leave, second: leave });
	try {
		for (const [index, plan] of plans.entries()) {
			const onCampaign = createProgress(plan.name);
			try {
				rehearsals.push(await rehearsePlan(plan, { ...options, onCampaign }));
			} catch (cause) {
				if (cause instanceof RangeError && cause.message.startsWith('plan ')) throw new UsageError(`${files[index]}: ${cause.message}`, { cause });
				throw cause;
			}
		}
	} finally {
		stopListening();
	}
	const wallMs = Math.round(realTime.nowMs() - startedMs);
	const [first, second] = rehearsals.map((rehearsal, index) => ({ file: files[index], approver: plans[index]?.approver ?? null, ...rehearsal }));
	const text = renderRehearsals(rehearsals, { plans, wallMs });
	if (typed.json) process.stdout.write(`${JSON.stringify({ how: HOW_REHEARSED, ...first, ...(second === undefined ? {} : { compare: second }), wallMs })}\n`);
	(typed.json ? process.stderr : process.stdout).write(text);
	return 0;
};

/** A line that stands still, on a terminal alone. */
const createProgress = (name: string): ((done: number, of: number) => void) => {
	let saidMs = realTime.nowMs();
	return (done, of) => {
		if (!process.stderr.isTTY || (done < of && realTime.nowMs() - saidMs < PROGRESS_EVERY_MS)) return;
		saidMs = realTime.nowMs();
		process.stderr.write(done < of ? `\r${name}: ${done} of ${of} campaigns` : CLEAR_LINE);
	};
};
