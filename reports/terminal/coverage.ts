import { COVERAGE_LEGEND, type CaseRecord, type CoveredRow, describeCoverage, listRows, type RowStatus, sumCoverage } from '../record/index.js';
import { padWidth, wrapWidth } from '../text/index.js';
import type { Paint } from './paint.js';

/** The matrix of rows and phases, several rows a line, then the rows that it does not hold and why. Empty where no case told any. */
export const renderCoverage = (cases: readonly CaseRecord[], { paint, columns }: { readonly paint: Paint; readonly columns: number }): string[] => {
	const rows = sumCoverage(cases);
	const of = (status: RowStatus): readonly CoveredRow[] => rows.filter((one) => one.status === status);
	const exercised = of('exercised');
	if (exercised.length === 0) return [];
	const phased = exercised.filter(({ phases }) => Object.keys(phases).length > 0);
	const whole = exercised.filter((one) => !phased.includes(one));
	const list = (head: string, some: readonly CoveredRow[]): string[] => (some.length === 0 ? [] : wrapWidth(`${head}: ${listRows(some)}`, columns));
	return [
		...wrapWidth(`fault coverage: ${exercised.length} of ${rows.length} rows of the catalogue, by phase of an update`, columns).map(paint.dim),
		...wrapWidth(`${COVERAGE_LEGEND}; . a hole, - cannot be`, columns).map(paint.dim),
		...layOut(phased.map(describeCoverage), columns),
		...list('by cases as a whole', whole),
		...list('never exercised in this run', of('missed')).map(paint.yellow),
		...list("left to the project's own tests and the museum", of('elsewhere')),
		...list('out of reach, for reasons that `blackstart list --faults` gives', of('unreachable')),
	];
};

const CELL_COLUMNS = 14;

const layOut = (cells: readonly string[], columns: number): string[] => {
	const perLine = Math.max(1, Math.floor(columns / CELL_COLUMNS));
	const lines: string[] = [];
	for (let at = 0; at < cells.length; at += perLine) {
		lines.push(
			cells
				.slice(at, at + perLine)
				.map((cell) => padWidth(padCell(cell), CELL_COLUMNS))
				.join('')
				.trimEnd(),
		);
	}
	return lines;
};

/** The id takes three columns, so that the phases of all rows stand below each other. */
const padCell = (cell: string): string => {
	const [id = '', phases = ''] = cell.split(' ');
	return `${padWidth(id, 3)} ${phases}`;
};
