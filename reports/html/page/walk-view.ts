import type { WalkData } from '../run-data.js';
import { drawCutMap } from './cut-map-view.js';
import { h } from './element.js';
import { sayCount } from './say.js';

/** A walk through a bootloader's states: how many at which depth, what a cut at each operation leaves, and how long power must stay. */
export const viewWalk = ({ depths, uptime, cuts, messages }: WalkData): readonly Node[] => [
	...(depths.length === 0 ? [] : [h('h4', {}, 'States by power losses'), tellDepths(depths)]),
	...(cuts ? [drawCutMap(cuts, () => {})] : []),
	...(messages ? [drawCutMap(messages, () => {})] : []),
	...(uptime.length === 0
		? []
		: [
				h('h4', {}, 'How long power must stay'),
				h(
					'ul',
					{},
					uptime.map(({ phase, operations, leastUptime, boots }) =>
						h(
							'li',
							{},
							leastUptime === null
								? `${phase} (${sayCount(operations)} flash operations): it never ends where boots are cut again and again`
								: `${phase} (${sayCount(operations)} flash operations): it ends where every boot lasts ${sayCount(leastUptime)} operations, after ${sayCount(boots)} boots`,
						),
					),
				),
			]),
];

const tellDepths = (depths: WalkData['depths']): HTMLElement =>
	h(
		'table',
		{ class: 'depths' },
		h(
			'thead',
			{},
			h(
				'tr',
				{},
				['power losses', 'states of flash', '', 'situations'].map((head) => h('th', { scope: 'col' }, head)),
			),
		),
		h(
			'tbody',
			{},
			depths.map((depth) => tellDepth(depth, Math.max(1, ...depths.map(({ states }) => states)))),
		),
	);

const tellDepth = ({ cuts, states, situations }: WalkData['depths'][number], most: number): HTMLElement =>
	h(
		'tr',
		{},
		h('th', { scope: 'row', class: 'number' }, String(cuts)),
		h('td', { class: 'number' }, sayCount(states)),
		h('td', {}, h('meter', { min: 0, max: most, value: states, 'aria-hidden': 'true' })),
		h('td', { class: 'number' }, sayCount(situations)),
	);
