import type { UpdatePhase } from '../../harness/events/index.js';
import { FAULT_CATALOGUE, type FaultRow, reachOf, UPDATE_PHASES } from '../../harness/faults/index.js';
import type { CaseRecord } from './run-record.js';

/**
 * Where a row of the fault catalogue stands after a run. `exercised`: some case did. `missed`: none did, though a run can.
 * `elsewhere`: the project's own tests or the museum stand for it. `unreachable`: a written reason says why it is not to be had.
 */
export type RowStatus = 'exercised' | 'missed' | 'elsewhere' | 'unreachable';

export interface CoveredRow {
	readonly row: FaultRow;
	readonly status: RowStatus;
	/** By phase of an update; empty for a row for which cases stand as a whole. */
	readonly phases: Readonly<Partial<Record<UpdatePhase, number>>>;
	/** Phases in which it could have been exercised, and was not. */
	readonly holes: readonly UpdatePhase[];
	/** Cases that exercised it. */
	readonly cases: number;
}

/** Every row of the catalogue, in its order, as the cases exercised it. */
export const sumCoverage = (cases: readonly CaseRecord[]): readonly CoveredRow[] =>
	FAULT_CATALOGUE.map((row) => {
		const own = cases.flatMap(({ coverage }) => coverage.filter((one) => one.row === row.id));
		const phases: Partial<Record<UpdatePhase, number>> = {};
		for (const phase of UPDATE_PHASES) {
			const times = own.reduce((sum, one) => sum + (one.phases[phase] ?? 0), 0);
			if (times > 0) phases[phase] = times;
		}
		return {
			row,
			status: own.length > 0 ? 'exercised' : statusUnseen(row),
			phases,
			holes: reachOf(row).filter((phase) => phases[phase] === undefined),
			cases: own.length,
		};
	});

const statusUnseen = ({ sightings = [], proofs = [], whyNot }: FaultRow): RowStatus => {
	if (whyNot !== undefined) return 'unreachable';
	return sightings.length > 0 || proofs.some((proof) => 'scenario' in proof) ? 'missed' : 'elsewhere';
};

/** Of each phase, in order. */
const LETTERS: Readonly<Record<UpdatePhase, string>> = {
	idle: 'i',
	downloading: 'd',
	installing: 'n',
	booting: 'b',
	testing: 't',
	reporting: 'r',
	recovering: 'v',
};

/** What files for machines and pages say of every row. */
export const describeRows = (cases: readonly CaseRecord[]) =>
	sumCoverage(cases).map(({ row: { id, fault, whyNot }, status, phases, holes, cases: times }) => ({
		id,
		fault,
		status,
		...(whyNot === undefined ? {} : { whyNot }),
		phases,
		holes,
		cases: times,
	}));

/** The letters that stand for phases, each with its phase. */
export const COVERAGE_LEGEND = UPDATE_PHASES.map((phase) => `${LETTERS[phase]} ${phase}`).join(', ');

/** A row of the matrix: the letter of each phase in which it was exercised, a point for each hole, a dash where it cannot be. */
export const describeCoverage = ({ row, phases, holes }: CoveredRow): string => {
	const mark = (phase: UpdatePhase): string => (phases[phase] ? LETTERS[phase] : holes.includes(phase) ? '.' : '-');
	return `${row.id} ${UPDATE_PHASES.map(mark).join('')}`;
};

/** The ids of rows that stand in the catalogue's order, those that follow one another in a section as one: `P1, P3-P5, F1`. */
export const listRows = (rows: readonly CoveredRow[]): string => {
	const runs: { readonly from: string; to: string }[] = [];
	for (const { row } of rows) {
		const last = runs.at(-1);
		if (last !== undefined && row.id === idAfter(last.to)) last.to = row.id;
		else runs.push({ from: row.id, to: row.id });
	}
	return runs.map(({ from, to }) => (from === to ? from : `${from}${idAfter(from) === to ? ', ' : '-'}${to}`)).join(', ');
};

const idAfter = (id: string): string => `${id[0]}${Number(id.slice(1)) + 1}`;
