import type { CutRecord } from './cut-record.js';
import { boundFailureRate } from './failure-bound.js';
import { placeOfTime, type SweepProfile, timeOfPlace } from './profile.js';

/** What a sweep has shown, and what it has not. */
export interface SweepResult {
	/** Cuts there is evidence for; all figures below are about these. */
	readonly cuts: number;
	/** Cuts that left no evidence. */
	readonly unseen: number;
	/** Cuts after which an invariant did not hold. */
	readonly broken: number;
	/** Upper bound on the share of such cuts that break the board, 0-1, at 95 %. */
	readonly failureRateBelow: number;
	readonly phases: readonly PhaseResult[];
	readonly largestGap: Gap;
	/** From the command to the moment at which the rig saw the power gone; absent where it never can. */
	readonly switching?: Spread;
	/** From the planned moment to the command, either way. */
	readonly aim: Spread;
	/** Share of the time that was not the board's own, 0-1. */
	readonly overheadRatio: number;
	/** Of one board. */
	readonly cutsPerMinute: number;
}

export interface PhaseResult {
	readonly name: string;
	readonly lastsMs: number;
	readonly cuts: number;
	readonly broken: number;
}

/** A part of the update without a cut. */
export interface Gap {
	readonly fromMs: number;
	readonly toMs: number;
	/** Phase it begins in. */
	readonly phase: string;
}

export interface Spread {
	readonly medianMs: number;
	readonly worstMs: number;
}

/** Adds up the records of a sweep of that profile. */
export const summariseSweep = (profile: SweepProfile, records: readonly CutRecord[]): SweepResult => {
	const seen = records.filter(({ outcome }) => outcome !== 'unseen');
	const broken = seen.filter(({ outcome }) => outcome === 'broken').length;
	const switching = seen.flatMap(({ commandedAtMs, observedAtMs }) => (observedAtMs === undefined ? [] : [observedAtMs - commandedAtMs]));
	const boardMs = sum(records.map((record) => record.boardMs));
	const wallMs = sum(records.map((record) => record.wallMs));
	const takenIn = (record: CutRecord): string => (record.observed ?? record.commanded).phase;
	return {
		cuts: seen.length,
		unseen: records.length - seen.length,
		broken,
		failureRateBelow: boundFailureRate({ cuts: seen.length, failures: broken }),
		phases: profile.phases.map(({ name, lastsMs }) => {
			const within = seen.filter((record) => takenIn(record) === name);
			return { name, lastsMs, cuts: within.length, broken: within.filter(({ outcome }) => outcome === 'broken').length };
		}),
		largestGap: findLargestGap(
			profile,
			seen.map((record) => timeOfPlace(profile, record.observed ?? record.commanded)),
		),
		...(switching.length > 0 ? { switching: spreadOf(switching) } : {}),
		aim: spreadOf(seen.map(({ planned, commanded }) => Math.abs(timeOfPlace(profile, commanded) - timeOfPlace(profile, planned)))),
		overheadRatio: wallMs === 0 ? 0 : Math.max(0, wallMs - boardMs) / wallMs,
		cutsPerMinute: wallMs === 0 ? 0 : (60_000 * records.length) / wallMs,
	};
};

/** The longest part of the update in which nothing was cut, its ends included. */
export const findLargestGap = (profile: SweepProfile, timesMs: readonly number[]): Gap => {
	const times = [...timesMs].sort((one, other) => one - other);
	let largest = { fromMs: 0, toMs: times[0] ?? profile.durationMs };
	times.forEach((fromMs, index) => {
		const toMs = times[index + 1] ?? profile.durationMs;
		if (toMs - fromMs > largest.toMs - largest.fromMs) largest = { fromMs, toMs };
	});
	return { ...largest, phase: placeOfTime(profile, largest.fromMs).phase };
};

const spreadOf = (values: readonly number[]): Spread => {
	const sorted = [...values].sort((one, other) => one - other);
	return { medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0, worstMs: sorted.at(-1) ?? 0 };
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
