import type { CutMap } from '../run-data.js';
import { colourName } from './colours.js';
import { h, svg } from './element.js';

const CELL = 14;
const LEFT = 92;
const TOP = 20;
const MOST_WIDTH = 1600;

/** Flash operations × tears, each cell in the colour of the worst that became of a device; what was never cut is empty. */
export const drawCutMap = ({ tears, operations, columns, cells }: CutMap, openDevice: (device: string) => void): HTMLElement => {
	const cell = Math.max(3, Math.min(CELL, (MOST_WIDTH - LEFT) / operations));
	const width = LEFT + operations * cell + 10;
	const height = TOP + tears.length * CELL + 24;
	const outcomes = [...new Set(cells.map(({ outcome }) => outcome))];
	const gaps = operations * tears.length - cells.length;
	const labels = tears.map((tear, row) => svg('text', { x: LEFT - 6, y: TOP + row * CELL + 11, 'text-anchor': 'end', class: 'axis' }, tear));
	const every = Math.max(1, Math.ceil(40 / cell));
	const ticks = Array.from({ length: Math.ceil(operations / every) }, (_, index) =>
		svg('text', { x: LEFT + index * every * cell, y: TOP + tears.length * CELL + 14, class: 'axis' }, String(index * every)),
	);
	const squares = cells.map(({ tear, operation, outcome, count, device }) =>
		svg(
			'rect',
			{
				x: LEFT + operation * cell,
				y: TOP + tear * CELL,
				width: Math.max(1, cell - 1),
				height: CELL - 1,
				class: `fill-${colourName(outcome)}`,
				...(device === '' ? {} : { on: { click: () => openDevice(device) } }),
			},
			svg(
				'title',
				{},
				`${tears[tear]}, ${columns?.[operation] ?? `${tears[tear] === 'message' ? 'message' : 'operation'} ${operation}`}: ${outcome}, ${count} cut${count === 1 ? '' : 's'}${device === '' ? '' : ` (${device})`}`,
			),
		),
	);
	const picture = svg(
		'svg',
		{
			width,
			height,
			viewBox: `0 0 ${width} ${height}`,
			role: 'img',
			'aria-label': `power cuts by operation and tear: ${cells.length} places cut, ${gaps} never`,
		},
		svg('rect', { x: LEFT, y: TOP, width: operations * cell, height: tears.length * CELL, class: 'never' }),
		labels,
		ticks,
		squares,
	);
	return h(
		'figure',
		{ class: 'cuts' },
		h(
			'figcaption',
			{},
			`Where power was cut: ${tears.join() === 'message' ? 'message of the session (across)' : 'operation of the update (across) × how it was torn (down)'}. ${cells.length} places cut, ${gaps === 0 ? 'none left out' : `${gaps} never, or not to be torn so (hatched)`}.`,
		),
		h('div', { class: 'scroll', tabindex: '0' }, picture),
		h(
			'p',
			{ class: 'legend' },
			outcomes.map((outcome) => h('span', { class: 'key' }, h('i', { class: `back-${colourName(outcome)}` }), outcome)),
		),
	);
};
