import type { RunData } from '../run-data.js';
import { h } from './element.js';
import { sayCount } from './say.js';

/** Faults × phases of an update: how often each was exercised, holes where it could have been and was not. */
export const viewCoverage = ({ phases, rows }: RunData['coverage']): HTMLElement => {
	const exercised = rows.filter(({ status }) => status === 'exercised');
	const missed = rows.filter(({ status }) => status === 'missed');
	const holes = exercised.reduce((sum, row) => sum + row.holes.length, 0);
	return h(
		'details',
		{ id: 'coverage', open: exercised.length > 0 },
		h('summary', {}, h('h2', {}, 'What was not exercised')),
		h(
			'p',
			{},
			`${exercised.length} of ${rows.length} faults of the catalogue were exercised, with ${holes} holes: phases of an update in which one could have struck and did not. ${missed.length} that a run can bring about were not.`,
		),
		h(
			'div',
			{ class: 'scroll', tabindex: '0' },
			h(
				'table',
				{ class: 'matrix' },
				h(
					'thead',
					{},
					h(
						'tr',
						{},
						h('th', { scope: 'col' }, 'fault'),
						phases.map((phase) => h('th', { scope: 'col' }, phase)),
						h('th', { scope: 'col' }, 'cases'),
					),
				),
				h(
					'tbody',
					{},
					[...missed, ...exercised].map((row) =>
						h(
							'tr',
							{ class: row.status },
							h('th', { scope: 'row', title: row.fault }, h('b', {}, row.id), ' ', h('span', {}, row.fault)),
							phases.map((phase) => {
								const times = row.phases[phase];
								if (times) return h('td', { class: 'hit number' }, sayCount(times));
								return row.holes.includes(phase)
									? h('td', { class: 'hole', title: 'a hole: it could have struck here' }, 'hole')
									: h('td', { class: 'none' }, '·');
							}),
							h('td', { class: 'number' }, sayCount(row.cases)),
						),
					),
				),
			),
		),
		...others(rows),
	);
};

const others = (rows: RunData['coverage']['rows']): readonly Node[] => {
	const elsewhere = rows.filter(({ status }) => status === 'elsewhere');
	const unreachable = rows.filter(({ status }) => status === 'unreachable');
	return [
		...(elsewhere.length === 0
			? []
			: [h('p', { class: 'note' }, `left to the project's own tests and the museum: ${elsewhere.map(({ id }) => id).join(', ')}`)]),
		...(unreachable.length === 0
			? []
			: [
					h(
						'details',
						{},
						h('summary', {}, `Out of reach (${unreachable.length})`),
						h(
							'ul',
							{},
							unreachable.map(({ id, fault, whyNot }) => h('li', {}, h('b', {}, id), ` ${fault}: ${whyNot ?? ''}`)),
						),
					),
				]),
	];
};

export const viewInvariants = (invariants: RunData['invariants']): HTMLElement =>
	h(
		'details',
		{ id: 'invariants' },
		h('summary', {}, h('h2', {}, 'Invariants')),
		h(
			'div',
			{ class: 'scroll', tabindex: '0' },
			h(
				'table',
				{},
				h(
					'thead',
					{},
					h(
						'tr',
						{},
						['invariant', 'promise', 'checks', 'broken', 'cases'].map((head) => h('th', { scope: 'col' }, head)),
					),
				),
				h(
					'tbody',
					{},
					invariants.map(({ invariant, promise, checks, violations, cases }) =>
						h(
							'tr',
							{ class: violations > 0 ? 'broken' : checks === 0 ? 'missed' : '' },
							h('th', { scope: 'row' }, invariant),
							h('td', {}, promise),
							...[checks, violations, cases].map((value) => h('td', { class: 'number' }, sayCount(value))),
						),
					),
				),
			),
		),
		invariants.some(({ checks }) => checks === 0)
			? h(
					'p',
					{ class: 'note' },
					`never exercised in this run: ${invariants
						.filter(({ checks }) => checks === 0)
						.map(({ invariant }) => invariant)
						.join(', ')}`,
				)
			: undefined,
	);
