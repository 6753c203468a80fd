import { availableParallelism } from 'node:os';
import { type CaseText, CASE_EXAMPLE, parseCase } from '../scenario/index.js';
import { parseShrink, parseTimeout } from './run/flag-values.js';
import { listScenarios } from './run/listing.js';
import { nearestNames } from './run/nearest-names.js';
import { reportRun } from './run/report-run.js';
import type { RequestedFile } from './run/run-request.js';
import { requireRealLoss } from './run/loss-namespace.js';
import { requireBroker } from './run/require-broker.js';
import { findScenarioFiles } from './run/scenario-files.js';
import { readUserImages } from './run/user-image.js';
import { SWEEP_CASE_PREFIX } from '../sweep/index.js';
import { UsageError } from './usage-error.js';

/** Cases of `explore`; no scenario has that name. */
const EXPLORER_CASE_PREFIX = 'explore/';

export interface ReplayArguments {
	readonly case?: string | undefined;
	readonly out?: string | undefined;
	readonly timeout?: string | undefined;
	readonly shrink: boolean;
	readonly 'shrink-seconds'?: string | undefined;
	readonly tap: boolean;
	readonly json: boolean;
}

/** `blackstart replay`: one case again, with its seed and options; 1 where the failure comes back, 0 where it does not. */
export const replayCommand = async (typed: ReplayArguments, { directory }: { readonly directory: string }): Promise<number> => {
	const timeoutMs = parseTimeout(typed.timeout);
	const shrinkMs = parseShrink({ shrink: typed.shrink, seconds: typed['shrink-seconds'] });
	if (typed.case?.startsWith(EXPLORER_CASE_PREFIX)) {
		const { replayExplorerCase } = await import('./explore/index.js');
		return replayExplorerCase(typed.case, { directory, json: typed.json, shrinkMs });
	}
	if (typed.case?.startsWith(SWEEP_CASE_PREFIX)) {
		const { replaySweepCase } = await import('./sweep/index.js');
		return replaySweepCase(typed.case, { directory, json: typed.json, out: typed.out });
	}
	const wanted = readCase(typed.case ?? '');
	const { image, from, key } = readUserImages(
		{
			...(wanted.image ? { image: wanted.image.path } : {}),
			...(wanted.from ? { from: wanted.from.path } : {}),
			...(wanted.key === undefined ? {} : { key: wanted.key }),
		},
		{ directory },
	);
	await requireBroker(wanted.rung);
	await requireRealLoss(wanted.rung);
	const [scenario] = await listScenarios(findScenarioFiles([wanted.file], { directory }), { directory });
	const slugs = scenario?.cases.map(({ slug }) => slug) ?? [];
	const begin = slugs.filter((slug) => slug.startsWith(wanted.slug));
	const slug = slugs.includes(wanted.slug) ? wanted.slug : begin.length === 1 ? begin[0] : undefined;
	if (!scenario || slug === undefined) {
		const near = begin.length > 1 ? begin : nearestNames(wanted.slug, slugs);
		throw new UsageError(`case: ${wanted.file} has no case '${wanted.slug}'${near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''}`);
	}
	const request = {
		scenarios: [{ ...scenario, slugs: [slug] }],
		seed: wanted.seed,
		devices: wanted.devices,
		...(image ? { image: requireSame(image, { wanted: wanted.image, flag: 'image' }) } : {}),
		...(from ? { from: requireSame(from, { wanted: wanted.from, flag: 'from' }) } : {}),
		...(key === undefined ? {} : { key }),
		...(wanted.rung ? { rung: wanted.rung } : {}),
		...(wanted.reduction ? { reduction: wanted.reduction } : {}),
		...(typed.out === undefined ? {} : { out: typed.out }),
		jobs: availableParallelism(),
		timeoutMs,
		retries: 0,
		shrinkMs,
		directory,
	};
	const output = { tap: typed.tap, json: typed.json };
	if (wanted.rig === undefined) return reportRun(request, output);
	const [{ readRigFile }, { chooseBoards, runOnRig }] = await Promise.all([import('./rig/choose-rig.js'), import('./board/index.js')]);
	const rig = await readRigFile(wanted.rig.path, { directory });
	requireSame({ path: rig.path, digest: rig.sha256 }, { wanted: wanted.rig, flag: 'rig' });
	return runOnRig({ rig, boards: chooseBoards(rig, wanted.board) }, request, output);
};

const readCase = (text: string): CaseText => {
	try {
		return parseCase(text);
	} catch (cause) {
		throw new UsageError(`${(cause as Error).message}\nexample: blackstart replay ${CASE_EXAMPLE}`, { cause });
	}
};

/** Other bytes would replay another case and say that the failure is gone. */
const requireSame = (file: RequestedFile, { wanted, flag }: { readonly wanted: RequestedFile | undefined; readonly flag: string }): RequestedFile => {
	if (wanted && !file.digest.startsWith(wanted.digest)) {
		throw new UsageError(
			`case: ${flag}=${file.path} has changed since the case was written: SHA-256 ${wanted.digest}… was expected, got ${file.digest.slice(0, 12)}…`,
		);
	}
	return file;
};
