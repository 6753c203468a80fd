import type { BlackstartEvent } from '../../harness/events/index.js';
import { UPDATE_PHASES } from '../../harness/faults/index.js';
import { readConsoleTail } from '../junit/index.js';
import {
	type CaseRecord,
	describeOutcome,
	describeRows,
	describeShrunk,
	invariantPromises,
	isFlaky,
	listCases,
	type Outcome,
	replayLine,
	RunRecorder,
	sumInvariants,
	tellEvent,
	tellPlan,
	tellProgress,
	tellWaves,
} from '../record/index.js';
import { scrubLine, scrubText } from '../text/index.js';
import type { CaseData, RunData, RunFacts, WalkData, WorldData } from './run-data.js';
import { isSweepEvent, SweepFold } from './sweep-fold.js';
import { isExplorerEvent, WalkFold } from './walk-fold.js';
import { WorldFold } from './world-fold.js';

/** Of the whole report, shared by its worlds. */
const MOST_TIMELINE_EVENTS = 240_000;
const LEAST_TIMELINE_EVENTS = 600;
const MOST_ROWS = 40_000;
const STORY_LINES = 60;
const CONSOLE_LINES = 80;
const DETAIL_CHARACTERS = 20_000;
const ORDER: readonly string[] = ['failed', 'errored', 'inconclusive', 'passed', 'skipped'];

/** Folds a run's events, scenario after scenario, into what the page shows. */
export class RunFold {
	readonly #recorder = new RunRecorder();
	readonly #worlds = new Map<CaseRecord, WorldFold[]>();
	readonly #current = new Map<string, WorldFold[]>();
	readonly #walks = new Map<CaseRecord, WalkFold>();
	readonly #walking = new Map<string, WalkFold>();
	readonly #sweeps = new SweepFold();

	/** Events of one scenario file come in their own order; `scenario`: which file the event belongs to. */
	observe(event: BlackstartEvent, scenario?: string): void {
		const record = this.#recorder.observe(event, scenario);
		if (event.kind === 'scenario-started' && record !== undefined) {
			const worlds: WorldFold[] = [];
			this.#worlds.set(record, worlds);
			this.#current.set(event.scenario, worlds);
			const walk = new WalkFold();
			this.#walks.set(record, walk);
			this.#walking.set(event.scenario, walk);
		}
		if (isSweepEvent(event)) this.#sweeps.observe(event);
		if (scenario === undefined || event.kind.startsWith('run-')) return;
		if (isExplorerEvent(event)) this.#walking.get(scenario)?.observe(event);
		const worlds = this.#current.get(scenario);
		if (worlds === undefined) return;
		if (event.kind === 'world-opened') worlds.push(new WorldFold(event.devices));
		worlds.at(-1)?.observe(event);
	}

	get warnings(): readonly string[] {
		return this.#recorder.run.warnings;
	}

	read(): RunData {
		const { run } = this.#recorder;
		const records = run.files.flatMap(listCases);
		const omitted: string[] = [];
		const worlds = [...this.#worlds.values()].flat();
		const share = { events: shareOf(MOST_TIMELINE_EVENTS, worlds.length, LEAST_TIMELINE_EVENTS), rows: shareOf(MOST_ROWS, worlds.length, 2_000) };
		const cases = records.map((record) => {
			const outcome = describeOutcome(record, run);
			const own = (this.#worlds.get(record) ?? []).map((world) => {
				const data = world.finish(share);
				omitted.push(...sayOmitted(data, { title: `${record.scenario}: ${record.title}`, unmarked: world.unmarked }));
				return data;
			});
			return describeCase(record, { outcome, worlds: own, walk: this.#walks.get(record)?.finish() });
		});
		cases.sort((one, other) => ORDER.indexOf(one.verdict) - ORDER.indexOf(other.verdict));
		return {
			run: this.#facts(),
			cases,
			invariants: sumInvariants(records).map((sum) => ({ ...sum, promise: invariantPromises[sum.invariant] })),
			coverage: {
				phases: UPDATE_PHASES,
				rows: describeRows(records),
			},
			sweeps: this.#sweeps.finish(),
			omitted: summarise(omitted),
		};
	}

	#facts(): RunFacts {
		const { id = '', startedAt = '', seed = '', options, versions, warnings, ended } = this.#recorder.run;
		return {
			id,
			startedAt,
			seed,
			options,
			versions,
			verdict: ended?.verdict ?? 'unfinished',
			...(ended === undefined ? {} : { wallMs: ended.wallMs, exitCode: ended.exitCode }),
			warnings: warnings.map(scrubText),
		};
	}
}

const shareOf = (all: number, parts: number, least: number): number => Math.max(least, Math.floor(all / Math.max(1, parts)));

const describeCase = (
	record: CaseRecord,
	{ outcome, worlds, walk }: { readonly outcome: Outcome; readonly worlds: readonly WorldData[]; readonly walk: WalkData | undefined },
): CaseData => {
	const replay = replayLine(record);
	const isGood = outcome.verdict === 'passed' || outcome.verdict === 'skipped';
	return {
		scenario: scrubLine(record.scenario),
		title: `${scrubLine(record.title)}${record.ordinal > 1 ? ` (${record.ordinal})` : ''}`,
		target: record.target ?? '',
		verdict: outcome.verdict,
		finished: outcome.finished,
		flaky: isFlaky(record),
		...(outcome.message === undefined ? {} : { message: scrubText(outcome.message) }),
		...(record.detail === undefined ? {} : { detail: scrubText(record.detail).slice(0, DETAIL_CHARACTERS) }),
		...(replay === undefined ? {} : { replay }),
		shrunk: describeShrunk(record),
		...(record.wallMs === undefined ? {} : { wallMs: record.wallMs }),
		virtualMs: record.virtualMs,
		faults: record.faults,
		evidence: record.evidence.map(({ name, value }) => ({ name: scrubLine(name), value: typeof value === 'string' ? scrubText(value) : value })),
		invariants: record.invariants.map(({ invariant, checks, violations }) => ({ invariant, checks, violations: violations.length })),
		story: record.story.slice(-STORY_LINES).map((event) => scrubText(tellEvent(event) ?? '')),
		told: record.told,
		campaigns: record.campaigns.flatMap((campaign) =>
			[`${campaign.name}: ${tellPlan(campaign)}`, tellProgress(campaign), ...tellWaves(campaign)].map(scrubText),
		),
		consoles: record.consoles.map((path) => ({
			path: scrubLine(path).replace(/^.*\/(?=consoles\/)/, ''),
			tail: isGood ? [] : readConsoleTail(path, { lines: CONSOLE_LINES }).map(scrubText),
		})),
		worlds,
		...(walk === undefined ? {} : { walk }),
	};
};

const sayOmitted = ({ table }: WorldData, { title, unmarked }: { readonly title: string; readonly unmarked: number }): readonly string[] => {
	const kept = Object.keys(table.timelines).length;
	const untold = Object.values(table.timelines).filter(([, , rest]) => rest > 0).length;
	return [
		...(table.ids.length < table.total ? [`${title}: ${table.ids.length} of ${table.total} devices are listed, those in trouble first`] : []),
		...(kept < table.total ? [`${title}: ${kept} of ${table.total} devices have their timeline here, those in trouble first`] : []),
		...(untold > 0 ? [`${title}: the timelines of ${untold} devices end early`] : []),
		...(unmarked > 0 ? [`${title}: ${unmarked} steps are not marked in its chart`] : []),
	];
};

const MOST_NOTES = 40;

const summarise = (notes: readonly string[]): readonly string[] =>
	notes.length <= MOST_NOTES ? notes : [...notes.slice(0, MOST_NOTES), `and so on in ${notes.length - MOST_NOTES} more places; events.jsonl has everything`];
