import type { BlackstartEvent } from '../events/index.js';
import { FaultCoverage } from '../faults/index.js';
import { FaultAccount } from './fault-account.js';
import { FleetProgress } from './fleet-progress.js';
import type { InvariantResult, Judge, ScenarioHost } from './host.js';

/** Between two progress lines of one case, in milliseconds of the wall. */
const PROGRESS_PERIOD_MS = 250;

/** Takes every event of one case to the scenario's log, to the judge, and to the counts of faults and devices. */
export class CaseRecorder {
	readonly faults = new FaultAccount();
	readonly coverage = new FaultCoverage();
	readonly #host: ScenarioHost;
	readonly #title: string;
	readonly #progress = new FleetProgress();
	readonly #results = new Map<InvariantResult['invariant'], InvariantResult>();
	readonly #stopTicking: () => void;
	#judge: Judge;
	#lastProgressMs: number;
	#atMs = 0;
	/** Virtual time of the worlds that are closed already. */
	#pastMs = 0;
	#readAtMs: (() => number) | undefined;
	#closed = false;

	constructor(host: ScenarioHost, title: string) {
		this.#host = host;
		this.#title = title;
		this.#judge = host.createJudge();
		this.#lastProgressMs = host.nowMs();
		this.#stopTicking = host.every(PROGRESS_PERIOD_MS, () => this.#tick());
	}

	/** Virtual milliseconds of the world that is open. */
	get atMs(): number {
		return this.#readAtMs?.() ?? this.#atMs;
	}

	/** Virtual time that the case has covered, every world of it. */
	get virtualMs(): number {
		return this.#pastMs + this.atMs;
	}

	record(event: BlackstartEvent): void {
		// A body that was given up may still wake: what it does then belongs to no case.
		if (this.#closed) return;
		this.#host.write(event);
		this.#judge.observe(event);
		this.faults.observe(event);
		this.coverage.observe(event);
		this.#progress.observe(event);
		if ('at' in event && event.at > this.#atMs) this.#atMs = event.at;
		this.#tick();
	}

	/** Reads virtual time from an open world until `leaveWorld`. */
	enterWorld(readAtMs: () => number): void {
		this.#readAtMs = readAtMs;
	}

	/** Keeps what the world's judge found: the next world of the case has devices and a judge of its own. Returns the devices it accuses. */
	leaveWorld(): readonly string[] {
		this.#pastMs += this.atMs;
		this.#atMs = 0;
		this.#readAtMs = undefined;
		const accused = this.#keepResults();
		this.#judge = this.#host.createJudge();
		return accused;
	}

	/** What all judges of the case found, in the order of their invariants. */
	finish(): readonly InvariantResult[] {
		this.#keepResults();
		return [...this.#results.values()];
	}

	close(): void {
		this.#closed = true;
		this.#stopTicking();
	}

	#keepResults(): readonly string[] {
		const accused = new Set<string>();
		for (const { invariant, checks, violations } of this.#judge.finish()) {
			for (const { device } of violations) if (device !== undefined) accused.add(device);
			const before = this.#results.get(invariant);
			this.#results.set(invariant, { invariant, checks: (before?.checks ?? 0) + checks, violations: [...(before?.violations ?? []), ...violations] });
		}
		return [...accused];
	}

	#tick(): void {
		const nowMs = this.#host.nowMs();
		if (this.#closed || nowMs - this.#lastProgressMs < PROGRESS_PERIOD_MS) return;
		this.#lastProgressMs = nowMs;
		this.#host.write({
			kind: 'run-progress',
			scenario: this.#host.scenario,
			title: this.#title,
			atMs: this.virtualMs,
			states: this.#progress.states(),
			faultsFired: this.faults.fired,
		});
	}
}
