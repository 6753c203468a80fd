import type { DeviceTable, WorldData } from '../run-data.js';
import { colourName } from './colours.js';
import { h } from './element.js';
import { sayCount, sayTime } from './say.js';
import { drawTimeline } from './timeline-view.js';

const SHOWN = 50;

export interface DeviceView {
	readonly element: HTMLElement;
	open(device: string): void;
}

/** The devices of a world: those in trouble first, any of them by its name, and what it went through when it is chosen. */
export const viewDevices = ({ table }: WorldData): DeviceView => {
	const detail = h('section', { class: 'device', tabindex: '-1', 'aria-live': 'polite' });
	const body = h('tbody');
	const count = h('p', { class: 'note' });
	const rows = rankRows(table);
	const show = (row: number): void => {
		detail.replaceChildren(h('h5', {}, describe(table, row)), drawTimeline(table, row));
		detail.scrollIntoView({ block: 'nearest' });
	};
	const fill = (words: string): void => {
		const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
		const found = rows.filter((row) => wanted.every((word) => describe(table, row).toLowerCase().includes(word)));
		body.replaceChildren(...found.slice(0, SHOWN).map((row) => tellRow(table, row, () => show(row))));
		count.textContent = `${Math.min(SHOWN, found.length)} of ${sayCount(found.length)} devices shown${found.length < table.total ? `, ${sayCount(table.total)} in all` : ''}`;
	};
	fill('');
	const search = h('input', {
		type: 'search',
		placeholder: 'name, outcome, version or hardware',
		'aria-label': 'find devices',
		on: { input: (event) => fill((event.target as HTMLInputElement).value) },
	});
	const element = h(
		'details',
		{ class: 'devices' },
		h('summary', {}, `Devices (${sayCount(table.total)})`),
		search,
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
						HEADS.map((head) => h('th', { scope: 'col' }, head)),
					),
				),
				body,
			),
		),
		count,
		detail,
	);
	return {
		element,
		open: (device) => {
			const row = table.ids.indexOf(device);
			element.open = true;
			if (row >= 0) show(row);
			else detail.replaceChildren(h('p', { class: 'note' }, `${device} is not among the devices listed here; events.jsonl has it.`));
		},
	};
};

const HEADS = ['device', 'outcome', 'version', 'hardware', 'update', 'boots', 'resumed', 'bytes', 'faults'];

const tellRow = (table: DeviceTable, row: number, open: () => void): HTMLElement => {
	const outcome = nameOf(table.outcome, row);
	const updateMs = table.updateMs[row] ?? -1;
	return h(
		'tr',
		{},
		h('th', { scope: 'row' }, h('button', { type: 'button', class: 'link', on: { click: open } }, table.ids[row] ?? '')),
		h('td', {}, h('span', { class: 'key' }, h('i', { class: `back-${colourName(outcome)}` }), outcome)),
		h('td', {}, nameOf(table.version, row)),
		h('td', {}, nameOf(table.hardware, row)),
		h('td', { class: 'number' }, updateMs < 0 ? '–' : sayTime(updateMs)),
		...[table.boots, table.resumes, table.bytes, table.faults].map((column) => h('td', { class: 'number' }, sayCount(column[row] ?? 0))),
	);
};

const nameOf = ({ names, rows }: DeviceTable['outcome'], row: number): string => names[rows[row] ?? 0] ?? '';

const describe = (table: DeviceTable, row: number): string =>
	`${table.ids[row]}: ${nameOf(table.outcome, row)}, runs ${nameOf(table.version, row)}, ${nameOf(table.hardware, row)}`;

const PRESSING = ['bricked', 'stuck', 'unknown', 'refused', 'reverted'];

const rankRows = (table: DeviceTable): readonly number[] => {
	const rank = (row: number): number => {
		const at = PRESSING.indexOf(nameOf(table.outcome, row));
		return at >= 0 ? at : PRESSING.length;
	};
	return table.ids.map((_, row) => row).sort((one, other) => rank(one) - rank(other) || one - other);
};
