import type { DeviceOutcome } from '../../../events/index.js';
import { count } from '../explore-text.js';
import type { CarriedOutSession } from './carry-out-session.js';
import type { SessionRun } from './run-session.js';
import type { SessionCut } from './session-case.js';
import type { SessionFinding } from './session-findings.js';

export const describeCut = (cut: SessionCut): string => {
	if (cut.at === 'message') return `at message ${cut.message}`;
	return `at flash operation ${cut.operation}, ${cut.tear === 'after' ? 'just after it' : `${cut.tear}${cut.tear === 'half' ? '' : ` (seed ${cut.seed})`}`}`;
};

export const describeCuts = ({ cuts, hits }: SessionRun): string =>
	cuts
		.map(
			(cut, index) => `  power goes ${describeCut(cut)}: ${hits[index] ? `${hits[index].form}, the device was ${hits[index].state}` : 'it was over before'}\n`,
		)
		.join('');

export const formatSessionStory = ({ class: name, invariant, message, case: line, run, limit, seen, shrunk }: SessionFinding): string => {
	const title = limit === undefined ? `${name} (${invariant})` : `known limit: ${limit.name} (${invariant})`;
	const source = limit === undefined ? '' : `  ${limit.what}\n  source: ${limit.source}\n`;
	const others = seen === 1 ? '' : `, and in ${count(seen - 1)} sessions more`;
	return `${title}${others}\n${source}${describeCuts(run)}  => ${run.outcome}: ${message}\n  blackstart replay ${line}\n${shrunk?.text ?? ''}`;
};

/** What became of the device, by what it was doing when power went for the last time. */
export const countPhases = (runs: readonly SessionRun[]): ReadonlyMap<string, ReadonlyMap<DeviceOutcome, number>> => {
	const phases = new Map<string, Map<DeviceOutcome, number>>();
	for (const { hits, outcome } of runs) {
		const state = hits.at(-1)?.state ?? 'idle';
		const outcomes = phases.get(state) ?? new Map<DeviceOutcome, number>();
		phases.set(state, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
	}
	return phases;
};

export const formatPhases = (runs: readonly SessionRun[]): string =>
	[...countPhases(runs)]
		.map(([state, outcomes]) => `  ${state}: ${[...outcomes].map(([outcome, times]) => `${count(times)} ${outcome}`).join(', ')}\n`)
		.join('');

export const formatSessionEnd = ({ end, runs, planned }: CarriedOutSession, facts: { readonly findings: number; readonly depth: number }): string => {
	const { findings, depth } = facts;
	const brought = findings === 0 ? 'nothing found' : `${findings} ${findings === 1 ? 'finding' : 'findings'}`;
	const losses = depth === 1 ? 'power was lost once in each' : 'power was lost once or twice in each';
	if (end === 'every-cut') return `every cut tried: ${count(runs.length)} sessions, ${brought}; ${losses}, on one device over a good link: no closure\n`;
	const why = end === 'time' ? '--max-time was reached' : 'it was interrupted';
	return `NOT every cut tried, no proof: ${why} after ${count(runs.length)} of ${count(planned)} sessions planned so far: ${brought}\n`;
};
