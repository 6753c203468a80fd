import type { CaseData, WorldData } from '../run-data.js';
import { drawHistogram, drawStack } from './charts.js';
import { colourName } from './colours.js';
import { copyLine } from './copy-line.js';
import { drawCutMap } from './cut-map-view.js';
import { viewDevices } from './device-view.js';
import { h } from './element.js';
import { sayCount, sayTime } from './say.js';
import { viewWalk } from './walk-view.js';

/** Order in which states lie on one another: those at rest at the bottom. */
const STATES = ['idle', 'connecting', 'booting', 'downloading', 'installing', 'testing', 'off', 'bricked'];

/** One case: a line that opens. What it shows is made when it is opened. */
export const viewCase = (one: CaseData, { open }: { readonly open: boolean }): HTMLDetailsElement => {
	const body = h('div', { class: 'body' });
	let made = false;
	const make = (): void => {
		if (made) return;
		made = true;
		body.append(...describeCase(one));
	};
	const element = h(
		'details',
		{ class: `case verdict-${colourName(one.verdict)}`, 'data-case': nameOf(one), 'data-verdict': one.verdict, on: { toggle: () => element.open && make() } },
		h(
			'summary',
			{},
			h('b', { class: `badge back-${colourName(one.verdict)}` }, one.finished ? one.verdict : 'not finished'),
			one.flaky ? h('b', { class: 'badge back-doubt' }, 'flaky') : undefined,
			h('span', { class: 'name' }, h('span', { class: 'file' }, `${one.scenario}: `), one.title),
			h('span', { class: 'note' }, one.wallMs === undefined ? '' : `${sayTime(one.virtualMs)} in ${sayTime(one.wallMs)}`),
		),
		one.message === undefined ? undefined : h('p', { class: 'message' }, one.message),
		body,
	);
	if (open) {
		element.open = true;
		make();
	}
	return element;
};

export const nameOf = ({ scenario, title }: CaseData): string => `${scenario}: ${title}`;

const describeCase = (one: CaseData): readonly Node[] => [
	...(one.replay === undefined ? [] : [h('h4', {}, 'Replay'), copyLine(one.replay)]),
	...one.shrunk.map((line) => (line.startsWith('smaller: ') ? copyLine(line.slice('smaller: '.length)) : h('p', { class: 'note' }, line))),
	...block('Why', one.detail),
	...block(`What happened${one.told > one.story.length ? `, the last ${one.story.length} of ${one.told} steps` : ''}`, one.story.join('\n')),
	...one.consoles.flatMap(({ path, tail }) => block(`Console ${path}`, tail.join('\n'))),
	...one.worlds.flatMap((world, index) => viewWorld(world, one.worlds.length > 1 ? `Fleet ${index + 1} of ${one.worlds.length}` : 'Fleet')),
	...(one.walk ? viewWalk(one.walk) : []),
	...block('Campaigns', one.campaigns.join('\n')),
	facts(one),
];

const block = (title: string, text: string | undefined): readonly Node[] =>
	text === undefined || text === '' ? [] : [h('h4', {}, title), h('pre', { tabindex: '0' }, text)];

const facts = (one: CaseData): HTMLElement => {
	const rows: readonly (readonly [string, string])[] = [
		['target', one.target],
		...one.evidence.map(({ name, value }) => [name, typeof value === 'number' ? sayCount(value) : value] as const),
		...one.faults.map(({ fault, armed, fired }) => [`fault ${fault}`, `${sayCount(armed)} armed, ${sayCount(fired)} took effect`] as const),
		...one.invariants
			.filter(({ checks, violations }) => checks + violations > 0)
			.map(
				({ invariant, checks, violations }) =>
					[`invariant ${invariant}`, `${sayCount(checks)} checks, ${violations === 0 ? 'none' : sayCount(violations)} broken`] as const,
			),
	];
	const never = one.invariants.filter(({ checks }) => checks === 0).map(({ invariant }) => invariant);
	return h(
		'details',
		{ class: 'facts' },
		h('summary', {}, 'Evidence, faults and invariants'),
		h(
			'table',
			{},
			h(
				'tbody',
				{},
				rows.map(([name, value]) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, value))),
			),
		),
		never.length === 0 ? undefined : h('p', { class: 'note' }, `never exercised here: ${never.join(', ')}`),
	);
};

const viewWorld = (world: WorldData, title: string): readonly Node[] => {
	const outcomes = Object.entries(world.outcomes).sort(([, one], [, other]) => other - one);
	const states = STATES.filter((state) => state in world.states);
	const versions = Object.keys(world.versions);
	const devices = viewDevices(world);
	const faults = Object.entries(world.faults).map(([fault, counts]) => `${sayCount(counts.reduce((sum, count) => sum + count, 0))} × ${fault}`);
	return [
		h('h4', {}, `${title}: ${sayCount(world.devices)} devices`),
		h(
			'p',
			{ class: 'legend' },
			outcomes.map(([outcome, count]) => h('span', { class: 'key' }, h('i', { class: `back-${colourName(outcome)}` }), `${sayCount(count)} ${outcome}`)),
		),
		...(world.at.length > 1
			? [
					h(
						'figure',
						{},
						h('figcaption', {}, `Devices by state over virtual time${faults.length > 0 ? `; red ticks are faults: ${faults.join(', ')}` : ''}`),
						drawStack(
							'devices by state over virtual time',
							states,
							states.map((state) => world.states[state] ?? []),
							world,
						),
					),
					...(versions.length > 1
						? [
								h(
									'figure',
									{},
									h('figcaption', {}, 'Devices by version that runs'),
									drawStack(
										'devices by version over virtual time',
										versions,
										versions.map((version) => world.versions[version] ?? []),
										world,
									),
								),
							]
						: []),
				]
			: []),
		...(world.marks.length === 0 ? [] : [listMarks(world)]),
		h('div', { class: 'grid' }, world.histograms.map(drawHistogram)),
		...(world.cuts ? [drawCutMap(world.cuts, devices.open)] : []),
		devices.element,
	];
};

const listMarks = ({ marks }: WorldData): HTMLElement =>
	h(
		'details',
		{ class: 'marks' },
		h('summary', {}, `Waves, gates, orders and steps (${marks.length})`),
		h(
			'ol',
			{ class: 'events' },
			marks.map(({ at, text, sort }) => h('li', { class: `mark-${sort}` }, h('time', {}, sayTime(at)), ' ', text)),
		),
	);
