import { type DeviceTable, LANES } from '../run-data.js';
import { colourName } from './colours.js';
import { h, svg } from './element.js';
import { sayInstant, sayTime } from './say.js';

const WIDTH = 1000;
const LANE = 22;
const LEFT = 70;

/** What one device went through: a strip of its states, ticks for all else, and every event in words. */
export const drawTimeline = (table: DeviceTable, row: number): HTMLElement => {
	const [steps, labels, cut] = table.timelines[row] ?? [[], [], 0];
	if (steps.length === 0) return h('p', { class: 'note' }, 'The timeline of this device was left out to keep the file small; events.jsonl has it.');
	let at = 0;
	const events = steps.map((step, index) => {
		at += step;
		const [lane, text] = table.labels[labels[index] as number] ?? [0, ''];
		return { at, lane, text };
	});
	const first = events[0]?.at ?? 0;
	const last = Math.max(first + 1, at);
	const x = (instant: number): number => LEFT + ((instant - first) / (last - first)) * (WIDTH - LEFT - 8);
	const states = events.filter(({ lane }) => LANES[lane] === 'state');
	const strip = states.map(({ at: from, text }, index) =>
		svg(
			'rect',
			{ x: x(from), y: 4, width: Math.max(1, x(states[index + 1]?.at ?? last) - x(from)), height: LANE - 6, class: `fill-${colourName(text)}` },
			svg('title', {}, `${text} from ${sayInstant(from)} for ${sayTime((states[index + 1]?.at ?? last) - from)}`),
		),
	);
	const ticks = events
		.filter(({ lane }) => LANES[lane] !== 'state')
		.map(({ at: instant, lane, text }) =>
			svg(
				'rect',
				{ x: x(instant) - 1.5, y: lane * LANE + 4, width: 3, height: LANE - 6, class: LANES[lane] === 'fault' ? 'fill-bad' : 'fill-ink' },
				svg('title', {}, `${sayInstant(instant)} ${text}`),
			),
		);
	const names = LANES.map((lane, index) => svg('text', { x: LEFT - 6, y: index * LANE + 16, 'text-anchor': 'end', class: 'axis' }, lane));
	const height = LANES.length * LANE + 4;
	return h(
		'div',
		{ class: 'timeline' },
		h(
			'div',
			{ class: 'scroll', tabindex: '0' },
			svg(
				'svg',
				{
					viewBox: `0 0 ${WIDTH} ${height}`,
					class: 'wide',
					role: 'img',
					'aria-label': `${events.length} events from ${sayInstant(first)} to ${sayInstant(last)}`,
				},
				names,
				strip,
				ticks,
			),
		),
		h('p', { class: 'note' }, `from ${sayInstant(first)} to ${sayInstant(last)}${cut > 0 ? `; ${cut} later events are left out here` : ''}`),
		h(
			'ol',
			{ class: 'events' },
			events.map((event) => h('li', { class: `lane-${LANES[event.lane]}` }, h('time', {}, sayInstant(event.at)), ' ', event.text)),
		),
	);
};
