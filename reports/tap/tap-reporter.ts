import type { BlackstartEvent } from '../../harness/events/index.js';
import { type CaseRecord, describeOutcome, isFinished, listCases, RunRecorder, type RunRecord, replayLine } from '../record/index.js';
import type { Reporter } from '../reporter.js';
import { encodePoint } from './tap-point.js';

const SEVERITY = { passed: undefined, skipped: undefined, failed: 'fail', errored: 'error', inconclusive: 'inconclusive' } as const;

/**
 * Writes TAP 14 that `tap-junit` digests: one point per case in catalogue order, whatever the order they end in, no
 * comments (tap-junit gives them to the wrong case), and the plan last, so that a run that was killed has none and is red.
 */
export const openTapReporter = ({ write }: { readonly write: (text: string) => void }): Reporter => {
	const recorder = new RunRecorder();
	const written = new Set<CaseRecord>();
	let begun = false;
	let over = false;

	const emit = (text: string): void => {
		if (!begun) write('TAP version 14\n');
		begun = true;
		write(text);
	};
	const emitCase = (record: CaseRecord): void => {
		written.add(record);
		emit(encodeCasePoint(record, { run: recorder.run, number: written.size }));
	};
	/** Cases wait for those before them in the catalogue, and for files before them to say which cases they have. */
	const emitReady = (): void => {
		for (const file of recorder.run.files) {
			for (const record of file.cases) {
				if (written.has(record)) continue;
				if (!isFinished(record)) return;
				emitCase(record);
			}
			if (!file.registered) return;
		}
	};
	const emitRest = (): void => {
		for (const record of recorder.run.files.flatMap(listCases)) if (!written.has(record)) emitCase(record);
	};

	return {
		observe(event: BlackstartEvent, scenario?: string): void {
			if (over) return;
			recorder.observe(event, scenario);
			if (event.kind === 'run-started') emit('');
			if (event.kind === 'scenario-ended' || event.kind === 'scenario-skipped') emitReady();
			if (event.kind !== 'run-ended') return;
			over = true;
			emitRest();
			emit(`1..${written.size}\n`);
		},
		close(): void {
			if (over) return;
			over = true;
			emitRest();
			emit('Bail out! the run did not come to its end\n');
		},
	};
};

const encodeCasePoint = (record: CaseRecord, { run, number }: { readonly run: RunRecord; readonly number: number }): string => {
	const { verdict, message } = describeOutcome(record, run);
	const title = `${record.scenario}: ${record.title}${record.ordinal > 1 ? ` (${record.ordinal})` : ''}`;
	const skip = verdict === 'skipped' ? (message ?? '') : undefined;
	const diagnostics = { message, severity: SEVERITY[verdict], case: record.case, replay: replayLine(record), detail: record.detail };
	const ok = verdict === 'passed' || verdict === 'skipped';
	return encodePoint({ ok, number, title, skip, timeMs: record.wallMs, ...(ok ? {} : { diagnostics }) });
};
