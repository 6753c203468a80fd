import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createJudge } from '../../invariants/index.js';
import { encodeCase, type RunOptions, type ScenarioHost, type UserImage } from '../../scenario/index.js';
import { realTime } from '../../time/index.js';
import { openConsoleFile } from './console-file.js';
import { EventFile } from './event-file.js';
import { partialLog } from './partial-files.js';
import type { PlannedScenario, WorkerPlan } from './plan.js';

/** The host of one scenario file: its log, its consoles, the wall's time. */
export const createFileHost = (plan: WorkerPlan, planned: PlannedScenario): ScenarioHost => {
	const file = new EventFile(join(plan.folder, partialLog(planned.name)));
	return {
		scenario: planned.name,
		seed: plan.seed,
		options: readOptions(plan),
		caseText: (slug) =>
			encodeCase({
				file: planned.reference,
				slug,
				seed: plan.seed,
				devices: plan.devices,
				...plan.caseFiles,
				...(planned.board === undefined ? {} : { board: planned.board }),
				...(plan.rung ? { rung: plan.rung } : {}),
				...(plan.reduction ? { reduction: plan.reduction } : {}),
			}),
		write: (event) => {
			// The first line stands in the log already where an earlier process began it.
			if (event.kind === 'scenario-registered' && planned.resumed) return;
			file.write(event);
		},
		flush: () => file.flush(),
		openConsole: (slug) => openConsoleFile(join(plan.folder, 'consoles', planned.name, `${slug}.log`)),
		createJudge,
		nowMs: realTime.nowMs,
		isoNow: () => new realTime.Date(realTime.epochMs()).toISOString(),
		every: repeat,
		whenIdleForever: (callback) => {
			// Before AVA's own listener, which would end the test with words of its own.
			process.prependListener('beforeExit', callback);
			return () => process.removeListener('beforeExit', callback);
		},
	};
};

/** Reads what the user brought. */
export const readOptions = ({
	devices,
	image,
	from,
	keys,
	rung,
	reduction,
}: Pick<WorkerPlan, 'devices' | 'image' | 'from' | 'keys' | 'rung' | 'reduction'>): RunOptions => ({
	devices,
	keys: keys.map((path) => readFileSync(path, 'utf8')),
	...(image === undefined ? {} : { image: readImage(image) }),
	...(from === undefined ? {} : { from: readImage(from) }),
	...(rung ? { rung } : {}),
	...(reduction ? { reduction } : {}),
});

const readImage = (path: string): UserImage => {
	const bytes = new Uint8Array(readFileSync(path));
	return { name: basename(path), bytes, digest: createHash('sha256').update(bytes).digest('hex') };
};

/** An interval of the wall that keeps no process alive and that no virtual world can see. */
const repeat = (periodMs: number, callback: () => void): (() => void) => {
	let timer: NodeJS.Timeout;
	const next = (): void => {
		timer = realTime.setTimeout(() => {
			callback();
			next();
		}, periodMs);
		timer.unref();
	};
	next();
	return () => realTime.clearTimeout(timer);
};
