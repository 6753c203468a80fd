import type { SweepData } from '../run-data.js';
import { colourName } from './colours.js';
import { h, svg } from './element.js';
import { sayTime } from './say.js';

const WIDTH = 1000;
const HEIGHT = 74;
const BANDS = ['c1', 'calm', 'c2', 'c4', 'c5'];

/** Where the power of boards was cut in an update: time across, its phases as bands, each cut in the colour of what came of it, the largest gap hatched. */
export const viewSweep = ({ boards, path, durationMs, phases, cuts, gap }: SweepData): HTMLElement => {
	const last = Math.max(1, durationMs, ...cuts.map(({ atMs }) => atMs));
	const x = (ms: number): number => (ms / last) * WIDTH;
	const outcomes = [...new Set(cuts.map(({ outcome }) => outcome))];
	const how = path === '' ? 'no profile of its update is here' : `update by ${path}${boards.length > 1 ? `, profiled on ${boards[0]}` : ''}`;
	const caption = `${boards.join(', ')}, ${how}: ${cuts.length} cuts in ${sayTime(durationMs)}; the longest stretch without one is ${sayTime(gap.toMs - gap.fromMs)}, from ${sayTime(gap.fromMs)}`;
	return h(
		'figure',
		{ class: 'sweep' },
		h('figcaption', {}, caption),
		h(
			'div',
			{ class: 'scroll', tabindex: '0' },
			svg(
				'svg',
				{ viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'wide', role: 'img', 'aria-label': caption },
				phases.flatMap(({ name, fromMs, lastsMs }, index) =>
					[
						svg(
							'rect',
							{ x: x(fromMs), y: 20, width: Math.max(1, x(lastsMs)), height: 14, class: `fill-${BANDS[index % BANDS.length]}` },
							svg('title', {}, `${name}: ${sayTime(lastsMs)} from ${sayTime(fromMs)}`),
						),
						x(lastsMs) > 40 ? svg('text', { x: x(fromMs) + 2, y: 14, class: 'axis' }, name) : undefined,
					].filter((part) => part !== undefined),
				),
				svg('rect', { x: x(gap.fromMs), y: 36, width: x(gap.toMs - gap.fromMs), height: 36, class: 'never' }),
				cuts.map(({ atMs, outcome, index }) =>
					svg(
						'rect',
						{ x: x(atMs) - 1, y: 38, width: 2.5, height: 32, class: `fill-${colourName(outcome)}` },
						svg('title', {}, `cut ${index} at ${sayTime(atMs)}: ${outcome}`),
					),
				),
			),
		),
		h(
			'p',
			{ class: 'legend' },
			outcomes.map((outcome) => h('span', { class: 'key' }, h('i', { class: `back-${colourName(outcome)}` }), outcome)),
		),
	);
};
