import type { BlackstartEvent, Verdict } from '../../harness/events/index.js';
import { foldCampaign } from './campaign-record.js';
import { type CaseRecord, type FileRecord, isFinished, type RunRecord } from './run-record.js';
import { isStory } from './story.js';

const KEPT_STORY_EVENTS = 200;
const KEPT_SCHEDULE_EVENTS = 20;
const KEPT_WARNINGS = 100;

type Named = { readonly scenario: string; readonly title: string };

/** Folds a run's events into one record of all its cases, each with the facts that reports tell. */
export class RunRecorder {
	readonly run: Readonly<RunRecord>;
	readonly #run: RunRecord = { options: {}, versions: {}, files: [], warnings: [] };
	readonly #files = new Map<string, FileRecord>();
	readonly #current = new Map<string, CaseRecord>();

	constructor() {
		this.run = this.#run;
	}

	/** The case that the event changed, or undefined for events of the whole run or of no known case. */
	observe(event: BlackstartEvent, scenario?: string): CaseRecord | undefined {
		const changed = this.#fold(event, scenario);
		if (changed) changed.revision += 1;
		return changed;
	}

	/** Cases that run at this moment, in catalogue order. */
	get running(): readonly CaseRecord[] {
		return this.#run.files.flatMap(({ cases }) => cases.filter((one) => one.status === 'running' && this.#current.get(one.scenario) === one));
	}

	#fold(event: BlackstartEvent, scenario?: string): CaseRecord | undefined {
		switch (event.kind) {
			case 'run-started':
				Object.assign(this.#run, { id: event.id, startedAt: event.startedAt, seed: event.seed, options: event.options, versions: event.versions });
				for (const name of event.scenarios) this.#file(name);
				return undefined;
			case 'run-ended':
				this.#run.ended = event;
				return undefined;
			case 'run-warning':
				if (this.#run.warnings.length < KEPT_WARNINGS) this.#run.warnings.push(event.message);
				return undefined;
			case 'scenario-registered':
				this.#register(event.scenario, event.titles);
				return undefined;
			case 'scenario-started': {
				const started = this.#find(event, (one) => one.status === 'waiting');
				Object.assign(started, { status: 'running', target: event.target, seed: event.seed, options: event.options });
				this.#current.set(event.scenario, started);
				return started;
			}
			case 'scenario-skipped': {
				const skipped = this.#unfinished(event);
				return Object.assign(skipped, { status: 'skipped', target: event.target, reason: event.reason });
			}
			case 'scenario-ended':
				return this.#end(event);
			case 'run-case-timing': {
				const timed = this.#running(event) ?? this.#find(event, (one) => isFinished(one) && one.wallMs === undefined);
				return Object.assign(timed, { startedAt: event.startedAt, wallMs: event.wallMs });
			}
			case 'run-case':
				return Object.assign(this.#unfinished(event), { case: event.case });
			case 'run-quarantined': {
				const { owner, reason, until } = event;
				return Object.assign(
					this.#find(event, () => true),
					{ quarantine: { owner, reason, until } },
				);
			}
			case 'run-retry':
				return this.#retry(event);
			case 'run-shrunk': {
				const failed = this.#find(event, (one) => one.status === 'failed');
				return Object.assign(failed, { shrunk: event });
			}
			case 'run-console': {
				const logged = this.#running(event) ?? this.#cases(event).findLast(isFinished) ?? this.#unfinished(event);
				if (!logged.consoles.includes(event.path)) logged.consoles.push(event.path);
				return logged;
			}
			case 'run-progress':
				return this.#running(event);
			default:
				return this.#foldWithin(event, scenario);
		}
	}

	/** Events of a case that do not name it: they belong to the case that runs in their file. */
	#foldWithin(event: BlackstartEvent, scenario?: string): CaseRecord | undefined {
		const running = scenario === undefined ? this.#onlyRunning() : this.#current.get(scenario);
		if (!running) return undefined;
		foldCampaign(running.campaigns, event);
		if (event.kind === 'invariant-judged') running.invariants.push(event);
		else if (event.kind === 'fault-coverage') running.coverage = event.rows;
		else if (event.kind === 'scenario-evidence') running.evidence.push(event);
		else if (event.kind === 'fault-armed') {
			running.armed += event.count ?? 1;
			if (running.schedule.length < KEPT_SCHEDULE_EVENTS) running.schedule.push(event);
		} else if (isStory(event)) {
			running.told += 1;
			running.story.push(event);
			if (running.story.length > 2 * KEPT_STORY_EVENTS) running.story.splice(0, KEPT_STORY_EVENTS);
		} else return undefined;
		return running;
	}

	#end(event: Extract<BlackstartEvent, { readonly kind: 'scenario-ended' }>): CaseRecord {
		const ended = this.#unfinished(event);
		ended.status = event.verdict;
		ended.faults = event.faults;
		ended.virtualMs = event.virtualMs;
		if (event.reason !== undefined) ended.reason = event.reason;
		if (event.detail !== undefined) ended.detail = event.detail;
		if (this.#current.get(event.scenario) === ended) this.#current.delete(event.scenario);
		return ended;
	}

	/** The case begins anew; of the run before it what it came to is kept. */
	#retry(named: Named): CaseRecord {
		const ended = this.#find(named, isFinished);
		const { status, reason = '', detail, scenario, title, ordinal, earlier, revision, quarantine } = ended;
		const before = { verdict: status as Verdict, reason, ...(detail === undefined ? {} : { detail }) };
		for (const key of ['reason', 'detail', 'startedAt', 'wallMs', 'case'] as const) delete ended[key];
		return Object.assign(ended, createCase(scenario, title, ordinal), { earlier: [...earlier, before], revision, ...(quarantine ? { quarantine } : {}) });
	}

	#register(scenario: string, titles: readonly string[]): void {
		const file = this.#file(scenario);
		file.registered = true;
		file.placeholder.reason = 'the scenario file registered no case';
		file.placeholder.revision += 1;
		const wanted = new Map<string, number>();
		for (const title of titles) {
			const ordinal = (wanted.get(title) ?? 0) + 1;
			wanted.set(title, ordinal);
			if (!file.cases.some((one) => one.title === title && one.ordinal === ordinal)) file.cases.push(createCase(scenario, title, ordinal));
		}
	}

	#file(scenario: string): FileRecord {
		const known = this.#files.get(scenario);
		if (known) return known;
		const file: FileRecord = { scenario, registered: false, cases: [], placeholder: createPlaceholder(scenario) };
		this.#files.set(scenario, file);
		this.#run.files.push(file);
		return file;
	}

	#cases({ scenario, title }: Named): CaseRecord[] {
		return this.#file(scenario).cases.filter((one) => one.title === title);
	}

	#running(named: Named): CaseRecord | undefined {
		const current = this.#current.get(named.scenario);
		return current?.title === named.title ? current : undefined;
	}

	#unfinished(named: Named): CaseRecord {
		return this.#running(named) ?? this.#find(named, (one) => !isFinished(one));
	}

	/** The first case of that name that fits; a case nobody registered is taken in all the same, at the end of its file. */
	#find(named: Named, fits: (one: CaseRecord) => boolean): CaseRecord {
		const cases = this.#cases(named);
		const found = cases.find(fits);
		if (found) return found;
		const added = createCase(named.scenario, named.title, cases.length + 1);
		this.#file(named.scenario).cases.push(added);
		return added;
	}

	#onlyRunning(): CaseRecord | undefined {
		const [only, ...others] = this.#current.values();
		return others.length === 0 ? only : undefined;
	}
}

const createCase = (scenario: string, title: string, ordinal: number): CaseRecord => ({
	scenario,
	title,
	ordinal,
	status: 'waiting',
	virtualMs: 0,
	faults: [],
	coverage: [],
	evidence: [],
	invariants: [],
	campaigns: [],
	earlier: [],
	consoles: [],
	schedule: [],
	armed: 0,
	story: [],
	told: 0,
	revision: 0,
});

const createPlaceholder = (scenario: string): CaseRecord => ({
	...createCase(scenario, '(no case known)', 1),
	reason: 'the scenario file never registered its cases',
});
