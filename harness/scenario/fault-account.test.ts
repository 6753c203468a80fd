import test from 'ava';
import type { BlackstartEvent } from '../events/index.js';
import { FaultAccount } from './fault-account.js';

type Entry = readonly [did: 'armed' | 'fired', device: string | undefined, count?: number];

const account = (entries: readonly Entry[]): FaultAccount => {
	const faults = new FaultAccount();
	for (const [did, device, count] of entries) {
		const event: BlackstartEvent = {
			kind: `fault-${did}`,
			at: 0,
			fault: 'power-cut',
			...(device === undefined ? {} : { device }),
			...(count === undefined ? {} : { count }),
		};
		faults.observe(event);
	}
	return faults;
};

const ROWS: readonly { readonly entries: readonly Entry[]; readonly missing: RegExp | undefined }[] = [
	{ entries: [], missing: undefined },
	{
		entries: [
			['armed', 'a'],
			['fired', 'a'],
		],
		missing: undefined,
	},
	{
		entries: [
			['armed', 'a'],
			['fired', 'a'],
			['fired', 'a'],
		],
		missing: undefined,
	},
	{ entries: [['armed', 'a']], missing: /1 of 1 armed never fired \(a\)/ },
	{
		entries: [
			['armed', 'a'],
			['fired', 'b'],
		],
		missing: /1 of 1 armed never fired \(a\)/,
	},
	{
		entries: [
			['armed', 'a', 3],
			['fired', 'a', 2],
		],
		missing: /1 of 3 armed never fired \(a\)/,
	},
	{
		entries: [
			['armed', 'a', 3],
			['fired', 'a', 2],
			['fired', 'a'],
		],
		missing: undefined,
	},
	{
		entries: [
			['armed', undefined, 2],
			['fired', 'a'],
			['fired', 'b'],
		],
		missing: undefined,
	},
	{
		entries: [
			['armed', undefined, 3],
			['fired', 'a'],
			['fired', undefined],
		],
		missing: /1 of 3 armed never fired$/,
	},
	{
		entries: [
			['armed', 'a'],
			['armed', 'b'],
			['fired', undefined, 2],
		],
		missing: undefined,
	},
	{
		entries: [
			['armed', 'a'],
			['armed', 'b'],
			['armed', 'c'],
			['armed', 'd'],
		],
		missing: /4 of 4 armed never fired \(a, b, c, …\)/,
	},
];

for (const [index, { entries, missing }] of ROWS.entries()) {
	test(`a fault is believed only with evidence for the device it was armed on, row ${index + 1}`, (t) => {
		const [line] = account(entries).withoutEvidence();
		if (missing) t.regex(line ?? 'all evidence is there', missing);
		else t.is(line, undefined);
	});
}

test('faults are counted by kind, in the order of their names', (t) => {
	const faults = new FaultAccount();
	for (const fault of ['z', 'a']) faults.observe({ kind: 'fault-armed', at: 0, fault, count: 2 });
	faults.observe({ kind: 'fault-fired', at: 0, fault: 'z' });
	t.deepEqual(faults.counts(), [
		{ fault: 'a', armed: 2, fired: 0 },
		{ fault: 'z', armed: 2, fired: 1 },
	]);
	t.is(faults.fired, 1);
});

test('in a cell a fault of the whole fleet may have its evidence elsewhere, a fault on a device may not', (t) => {
	t.deepEqual(account([['armed', undefined]]).withoutEvidence({ inCell: true }), []);
	t.is(account([['armed', undefined]]).withoutEvidence().length, 1);
	t.is(account([['armed', 'a']]).withoutEvidence({ inCell: true }).length, 1);
});
