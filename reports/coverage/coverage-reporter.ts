import type { BlackstartEvent } from '../../harness/events/index.js';
import { UPDATE_PHASES } from '../../harness/faults/index.js';
import { writeFileAtomically } from '../atomic-file.js';
import { describeRows, RunRecorder } from '../record/index.js';
import type { Reporter } from '../reporter.js';

/**
 * Keeps `coverage.json`, whole at every moment: every row of the fault catalogue with its status, the phases of an update in
 * which it was exercised, those in which it could have been and was not, and the number of cases. Written anew after each case that exercised a row, and at the end.
 */
export const openCoverageReporter = ({ path }: { readonly path: string }): Reporter => {
	const recorder = new RunRecorder();
	let covered = false;
	let closed = false;
	const write = (): void => {
		const rows = describeRows(recorder.run.files.flatMap(({ cases }) => cases));
		writeFileAtomically(path, `${JSON.stringify({ phases: UPDATE_PHASES, rows }, null, '\t')}\n`);
		covered = false;
	};
	return {
		observe(event: BlackstartEvent, scenario?: string): void {
			if (closed) return;
			recorder.observe(event, scenario);
			covered ||= event.kind === 'fault-coverage' && event.rows.length > 0;
			if (covered && event.kind === 'scenario-ended') write();
		},
		close(): void {
			if (closed) return;
			closed = true;
			write();
		},
	};
};
