import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { openCoverageReporter } from '../../../reports/coverage/index.js';
import type { CiSystem } from '../../../reports/index.js';
import { openJunitReporter } from '../../../reports/junit/index.js';
import { createRunSummary, openProgress } from '../../../reports/terminal/index.js';
import { encodeReduction } from '../../scenario/case-text.js';
import { encodeRung } from '../../scenario/rung.js';
import { realTime } from '../../time/index.js';
import { preflight, socketsOf } from './preflight.js';
import { openRunFolder } from './run-folder.js';
import type { RunRequest } from './run-request.js';
import { type RunOutcome, runScenarios, type ShrunkCase } from './run-scenarios.js';

export interface ReportOptions {
	/** TAP on stdout; what is for people goes to stderr. */
	readonly tap: boolean;
	/** One JSON object on stdout; what is for people goes to stderr. */
	readonly json: boolean;
	readonly ci?: CiSystem;
	/** Serves the page of the run while it goes. */
	readonly watch?: boolean;
}

/** Runs the scenarios with every report the user asked for, and returns the run's exit code. */
export const reportRun = async (request: RunRequest, options: ReportOptions): Promise<number> => {
	const { told: ceilings, heapMib } = request.rig
		? {}
		: preflight({
				devices: devicesAtATime(request),
				jobs: Math.min(request.jobs, request.scenarios.length),
				sockets: request.rung && socketsOf(request.rung),
			});
	const folder = openRunFolder({ ...request, startedAt: new realTime.Date(realTime.epochMs()) });
	const stream = options.tap || options.json ? process.stderr : process.stdout;
	const colour = stream.hasColors?.() ?? false;
	const shown = relative(request.directory, folder.path) || '.';
	stream.write(`${describeRequest(request)}\n${ceilings === undefined ? '' : `${ceilings}\n`}`);
	const summary = createRunSummary();
	const reporters = [
		summary,
		openJunitReporter({
			path: join(folder.path, 'junit.xml'),
			hostname: request.rig?.name ?? hostname(),
			projectDir: request.directory,
			...(options.ci ? { ci: options.ci } : {}),
		}),
		openCoverageReporter({ path: join(folder.path, 'coverage.json') }),
		...(options.ci ? [await openCi(options.ci, { path: join(folder.path, 'summary.md'), stream })] : []),
		...(options.tap ? [await openTap()] : []),
		openProgress({ stream, colour }),
	];
	await using watched = options.watch ? await openWatch(folder.path) : undefined;
	if (watched) stream.write(`watch ${watched.url}\n`);
	const outcome = await runScenarios(heapMib === undefined ? request : { ...request, heapMib }, {
		folder,
		reporters: [...reporters, ...(watched ? [watched.run] : [])],
	});
	stream.write(`\n${summary.render({ dir: shown, colour, ...(stream.columns ? { columns: stream.columns } : {}) })}`);
	if (options.json)
		process.stdout.write(`${JSON.stringify(describeOutcome({ outcome, request, counts: summary.counts(), id: folder.id, dir: folder.path }))}\n`);
	return outcome.exitCode;
};

const openCi = async (ci: CiSystem, { path, stream }: { readonly path: string; readonly stream: NodeJS.WriteStream }) => {
	const { openCiReporter } = await import('../../../reports/ci/index.js');
	return openCiReporter({ ci, path, print: (line) => void stream.write(`${line}\n`), stepSummary: process.env['GITHUB_STEP_SUMMARY'] });
};

const openTap = async () => {
	const { openTapReporter } = await import('../../../reports/tap/index.js');
	return openTapReporter({ write: (text) => process.stdout.write(text) });
};

const openWatch = async (folder: string) => {
	const { LiveRun, openLiveServer } = await import('./live/index.js');
	let changed = (): void => {};
	const run = new LiveRun({ folder, onChange: () => changed() });
	const server = await openLiveServer(run);
	changed = server.changed;
	return { run, url: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

/** Of a cell, about its share. */
const devicesAtATime = ({ devices, reduction }: RunRequest): number => reduction?.devices?.length ?? Math.ceil(devices / (reduction?.cell?.count ?? 1));

const describeRequest = (request: RunRequest): string =>
	[
		`seed ${request.seed}`,
		request.rig ? `rig ${request.rig.name} (${request.rig.digest.slice(0, 12)}), ${request.rig.boards.join(', ')}` : `${request.devices} devices`,
		...(request.image ? [`image ${request.image.path}`] : []),
		...(request.from ? [`from ${request.from.path}`] : []),
		...(request.rung ? encodeRung(request.rung) : []),
		...(request.reduction ? encodeReduction(request.reduction) : []),
		`${request.scenarios.length} scenario files`,
		`${request.jobs} jobs`,
	].join(' · ');

const describeShrunk = ({ kind: _, ...shrunk }: ShrunkCase): Omit<ShrunkCase, 'kind'> => shrunk;

const describeOutcome = ({
	outcome,
	request,
	counts,
	id,
	dir,
}: {
	outcome: RunOutcome;
	request: RunRequest;
	counts: ReturnType<ReturnType<typeof createRunSummary>['counts']>;
	id: string;
	dir: string;
}) => {
	const { scenarios, passed, failed, errored, inconclusive, skipped, flaky } = counts;
	return {
		id,
		seed: request.seed,
		verdict: outcome.verdict,
		scenarios,
		passed,
		failed,
		errored,
		inconclusive,
		skipped,
		flaky,
		dir,
		shrunk: outcome.shrunk.map(describeShrunk),
	};
};
