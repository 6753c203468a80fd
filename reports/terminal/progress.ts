import type { BlackstartEvent } from '../../harness/events/index.js';
import {
	type CaseRecord,
	describeOutcome,
	describeShrunk,
	describeSizes,
	isFinished,
	listCases,
	replayLine,
	RunRecorder,
	tellProgress,
} from '../record/index.js';
import type { Reporter } from '../reporter.js';
import { fitWidth, formatDuration, formatVirtualTime, scrubLine } from '../text/index.js';
import { countVerdicts, formatCounts } from './counts.js';
import { createPaint, type Paint } from './paint.js';

export interface ProgressOptions {
	readonly stream: { write(text: string): void; readonly isTTY?: boolean; readonly columns?: number };
	readonly colour: boolean;
	/** Milliseconds, monotonic. */
	readonly clock?: () => number;
	/** Lines only, nothing redrawn, whatever the stream is. The default outside of a terminal and where `CI` is set. */
	readonly plain?: boolean;
}

type Progress = Extract<BlackstartEvent, { readonly kind: 'run-progress' }>;
type Shrinking = Extract<BlackstartEvent, { readonly kind: 'run-shrinking' }>;

const REDRAW_MS = 100;
const PLAIN_MS = 5000;
const SHOWN_CASES = 6;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/**
 * Shows a run while it goes. On a terminal: a few lines drawn in place, with the cases that need attention left above them;
 * elsewhere one line per finished case and one line of progress every five seconds at most.
 */
export const openProgress = (options: ProgressOptions): Reporter => {
	const recorder = new RunRecorder();
	const latest = new Map<CaseRecord, Progress>();
	const paint = createPaint(options.colour);
	const plain = options.plain ?? (!options.stream.isTTY || Boolean(process.env.CI));
	const screen = plain ? openPlainScreen(options) : openLiveScreen(options);
	const clock = options.clock ?? (() => performance.now());
	const openedMs = clock();
	let shrinking: Shrinking | undefined;
	let closed = false;

	const drawing = (): Line[] => [...drawRun(recorder, { latest, paint, elapsedMs: clock() - openedMs }), ...(shrinking ? drawShrinking(shrinking, paint) : [])];
	return {
		observe(event: BlackstartEvent, scenario?: string): void {
			if (closed) return;
			const record = recorder.observe(event, scenario);
			if (event.kind === 'run-progress' && record) latest.set(record, event);
			if (event.kind === 'run-shrinking') shrinking = event;
			if (event.kind === 'run-shrunk') {
				shrinking = undefined;
				const lines = record ? describeShrunk(record) : [];
				screen.say(`shrunk  ${nameCase(event)}${lines.map((line) => `\n    ${line}`).join('')}`, drawing);
			}
			if (event.kind === 'run-warning') screen.say(paint.yellow(`warning: ${scrubLine(event.message)}`), drawing);
			if (record && (event.kind === 'scenario-ended' || event.kind === 'scenario-skipped')) {
				latest.delete(record);
				const { verdict } = describeOutcome(record, recorder.run);
				if (plain || (verdict !== 'passed' && verdict !== 'skipped')) screen.say(sayFinished(record, { recorder, paint }), drawing);
			}
			if (event.kind.startsWith('run-') || event.kind.startsWith('scenario-')) screen.draw(drawing);
		},
		close(): void {
			if (closed) return;
			closed = true;
			screen.close();
		},
	};
};

/** Cut to the terminal's width before it is painted. */
interface Line {
	readonly text: string;
	readonly paint: (text: string) => string;
}

/** Where progress goes: lines that stay, and a drawing that the next one replaces. */
interface Screen {
	say(text: string, drawing: () => readonly Line[]): void;
	draw(drawing: () => readonly Line[]): void;
	close(): void;
}

const openPlainScreen = ({ stream, clock = () => performance.now() }: ProgressOptions): Screen => {
	let saidMs = clock();
	return {
		say: (text) => stream.write(`${text}\n`),
		draw(drawing) {
			if (clock() - saidMs < PLAIN_MS) return;
			saidMs = clock();
			stream.write(
				`${drawing()
					.map(({ text }) => text.trim())
					.join(' | ')}\n`,
			);
		},
		close() {},
	};
};

const openLiveScreen = ({ stream, clock = () => performance.now() }: ProgressOptions): Screen => {
	let drawnLines = 0;
	let drawnMs = Number.NEGATIVE_INFINITY;
	let hidden = false;
	const erase = () => (drawnLines === 0 ? '' : `\u001b[${drawnLines}A\u001b[0J`);
	const redraw = (before: string, lines: readonly Line[]): void => {
		const columns = Math.max(20, stream.columns ?? 80) - 1;
		const text = lines.map((line) => `${line.paint(fitWidth(line.text, columns))}\n`).join('');
		stream.write(`${hidden ? '' : HIDE_CURSOR}${erase()}${before}${text}`);
		hidden = true;
		drawnLines = lines.length;
		drawnMs = clock();
	};
	return {
		say: (text, drawing) => redraw(`${text}\n`, drawing()),
		draw(drawing) {
			if (clock() - drawnMs >= REDRAW_MS) redraw('', drawing());
		},
		close() {
			if (hidden) stream.write(`${erase()}${SHOW_CURSOR}`);
			hidden = false;
			drawnLines = 0;
		},
	};
};

const drawRun = (
	recorder: RunRecorder,
	{ latest, paint, elapsedMs }: { readonly latest: ReadonlyMap<CaseRecord, Progress>; readonly paint: Paint; readonly elapsedMs: number },
): Line[] => {
	const all = recorder.run.files.flatMap(listCases);
	const finished = all.filter(isFinished);
	const { running } = recorder;
	return [
		{
			paint: paint.bold,
			text: `${finished.length} of ${all.length} cases done: ${formatCounts(countVerdicts(finished, recorder.run))} · ${formatDuration(elapsedMs)}`,
		},
		...running.slice(0, SHOWN_CASES).flatMap((record) => drawCase(record, { progress: latest.get(record), paint })),
		...(running.length > SHOWN_CASES ? [{ paint: asIs, text: `  and ${running.length - SHOWN_CASES} more` }] : []),
	];
};

const drawShrinking = (event: Shrinking, paint: Paint): Line[] => [
	{ paint: asIs, text: `  looking for a smaller case of ${nameCase(event)}` },
	{ paint: paint.dim, text: `    ${describeSizes(event.from, event.to)} still fail · runs so far: ${event.runs}` },
];

const nameCase = ({ scenario, title }: { readonly scenario: string; readonly title: string }): string => scrubLine(`${scenario}: ${title}`);

const asIs = (text: string): string => text;

const drawCase = (record: CaseRecord, { progress, paint }: { readonly progress: Progress | undefined; readonly paint: Paint }): Line[] => {
	const name = { paint: asIs, text: `  ${nameCase(record)}` };
	if (!progress) return [name];
	const states = Object.entries(progress.states).filter(([, count]) => count > 0);
	const devices = states.map(([state, count]) => `${count} ${state}`).join(', ') || 'no devices';
	const numbers = `    ${formatVirtualTime(progress.atMs).replace(/\.\d+$/, '')} virtual · ${progress.faultsFired} faults fired · ${devices}`;
	const campaign = record.campaigns.findLast(({ outcome }) => outcome === undefined);
	return [
		name,
		{ paint: paint.dim, text: numbers },
		...(campaign === undefined ? [] : [{ paint: paint.dim, text: `    campaign ${scrubLine(`${campaign.name}: ${tellProgress(campaign)}`)}` }]),
	];
};

const MARKS = { passed: 'ok', failed: 'FAILED', errored: 'ERROR', inconclusive: 'INCONCLUSIVE', skipped: 'skipped' } as const;

const sayFinished = (record: CaseRecord, { recorder, paint }: { readonly recorder: RunRecorder; readonly paint: Paint }): string => {
	const { verdict, message } = describeOutcome(record, recorder.run);
	const time = record.wallMs === undefined || verdict === 'skipped' ? '' : ` (${formatDuration(record.wallMs)})`;
	const line = `${MARKS[verdict]}  ${nameCase(record)}${time}${message === undefined ? '' : ` - ${message}`}`;
	const replay = verdict === 'failed' ? replayLine(record) : undefined;
	const colour = { passed: paint.green, failed: paint.red, errored: paint.red, inconclusive: paint.yellow, skipped: paint.dim }[verdict];
	return colour(line) + (replay === undefined ? '' : `\n    replay: ${replay}`);
};
