import test from 'ava';
import type { BlackstartEvent, DeviceState, RowCoverage } from '../events/index.js';
import { FaultCoverage } from './index.js';

const OLD = 'a'.repeat(64);
const NEW = 'b'.repeat(64);

/** Tells a coverage what a device does, a millisecond apart. */
const follow = () => {
	const coverage = new FaultCoverage();
	let at = 0;
	const tell = (...events: readonly (Record<string, unknown> & { readonly kind: BlackstartEvent['kind'] })[]): void => {
		for (const event of events) coverage.observe({ at: ++at, device: 'd', ...event } as BlackstartEvent);
	};
	const state = (name: DeviceState) => ({ kind: 'device-state', state: name }) as const;
	const boot = (digest: string, { trial = false, reverted = false } = {}) => ({ kind: 'device-boot', digest, trial, reverted }) as const;
	tell({ kind: 'device-provisioned', digest: OLD }, state('booting'), boot(OLD), state('connecting'), state('idle'));
	/** An update, step by step: where a fault falls after so many of them, it falls in the phase named. */
	const update = [
		{ phase: 'idle', event: { kind: 'device-job', digest: NEW } },
		{ phase: 'downloading', event: state('downloading') },
		{ phase: 'downloading', event: state('connecting') },
		{ phase: 'downloading', event: state('installing') },
		{ phase: 'installing', event: { kind: 'device-trial-requested', digest: NEW } },
		{ phase: 'installing', event: state('booting') },
		{ phase: 'booting', event: boot(NEW, { trial: true }) },
		{ phase: 'testing', event: state('testing') },
		{ phase: 'testing', event: { kind: 'device-confirmed', digest: NEW } },
		{ phase: 'reporting', event: { kind: 'device-reported', status: 'SUCCEEDED' } },
		{ phase: 'reporting', event: state('idle') },
		{ phase: 'idle', event: state('idle') },
	] as const;
	return { coverage, tell, state, boot, update };
};

const rowsOf = (coverage: FaultCoverage): Record<string, RowCoverage['phases']> => Object.fromEntries(coverage.rows().map(({ row, phases }) => [row, phases]));

const { update: steps } = follow();

for (const [done, { phase }] of steps.entries()) {
	test(`a fault of one device counts in the phase that the device is in: ${phase}, after ${done} steps of an update`, (t) => {
		const { coverage, tell, update } = follow();
		tell(...update.slice(0, done).map(({ event }) => event), { kind: 'fault-fired', fault: 'link-reset' });
		t.deepEqual(rowsOf(coverage)['N2'], { [phase]: 1 });
	});
}

test('power lost in a trial is found again in the boot that follows it', (t) => {
	const { coverage, tell, update, state, boot } = follow();
	tell(...update.slice(0, 8).map(({ event }) => event));
	tell({ kind: 'fault-fired', fault: 'power-cut', form: 'moment' }, state('off'), state('booting'));
	tell({ kind: 'fault-fired', fault: 'power-cut', form: 'program bits record' }, state('off'), state('booting'));
	tell(boot(NEW, { trial: true }), { kind: 'fault-fired', fault: 'power-cut', form: 'program half record' });
	const rows = rowsOf(coverage);
	t.deepEqual(rows['P14'], { testing: 1 });
	t.deepEqual(rows['P11'], { booting: 1 });
	t.deepEqual(rows['P10'], { testing: 1 });
	t.deepEqual(rows['P5'], { booting: 1, testing: 1 });
	t.is(rows['P1'], undefined);
	t.is(rows['P9'], undefined);
});

test('a device that is reverted recovers until it has nothing left to do', (t) => {
	const { coverage, tell, update, state, boot } = follow();
	const lost = { kind: 'fault-fired', fault: 'link-half-open' } as const;
	tell(...update.slice(0, 8).map(({ event }) => event), state('booting'), boot(OLD, { reverted: true }), lost);
	tell({ kind: 'device-reported', status: 'FAILED' }, lost, state('idle'), lost);
	t.deepEqual(rowsOf(coverage)['S3'], { recovering: 2 });
	t.deepEqual(rowsOf(coverage)['N2'], { idle: 1, recovering: 2 });
});

test('power lost once in each of two updates is not lost twice in one', (t) => {
	const { coverage, tell, update } = follow();
	const cut = { kind: 'fault-fired', fault: 'power-cut', form: 'moment' } as const;
	for (let round = 0; round < 2; round++) tell(...update.slice(0, 2).map(({ event }) => event), cut, ...update.slice(2).map(({ event }) => event));
	t.is(rowsOf(coverage)['P5'], undefined);
	t.deepEqual(rowsOf(coverage)['S1'], { downloading: 2 });
});

test('a fault of the fleet counts in each phase in which some device is, and one that lasted in those since it began', (t) => {
	const { coverage, tell, update } = follow();
	tell({ kind: 'device-provisioned', device: 'other', digest: OLD });
	tell(...update.slice(0, 4).map(({ event }) => event));
	tell({ kind: 'fault-fired', fault: 'broker-restart', device: undefined, form: 'sessions lost' });
	t.deepEqual(rowsOf(coverage)['N9'], { idle: 1, installing: 1 });
	// The download ended at the ninth event: before the first fault began, and while the second lasted.
	tell({ kind: 'fault-fired', fault: 'packet-loss', device: undefined, since: 11 });
	t.deepEqual(rowsOf(coverage)['N1'], { idle: 1, installing: 1 });
	tell({ kind: 'fault-fired', fault: 'packet-loss', device: undefined, since: 8 });
	t.deepEqual(rowsOf(coverage)['N1'], { idle: 2, downloading: 1, installing: 2 });
});

test('a release that goes wrong counts where a device meets it, once a device, whenever its evidence is recorded', (t) => {
	const { coverage, tell, update, boot, state } = follow();
	tell(
		{ kind: 'release-published', digest: NEW, behaviour: 'crashes-at-boot' },
		{ kind: 'release-published', digest: 'c', behaviour: 'healthy', defect: 'hash' },
	);
	tell(...update.slice(0, 6).map(({ event }) => event), boot(NEW, { trial: true }), {
		kind: 'fault-fired',
		fault: 'image-behaviour',
		form: 'crashes-at-boot',
		device: undefined,
	});
	tell(boot(NEW, { trial: true }), boot(OLD, { reverted: true }), { kind: 'device-reported', status: 'FAILED' }, state('idle'));
	t.deepEqual(rowsOf(coverage)['M9'], { testing: 1 });
	tell(
		{ kind: 'device-job', digest: 'c' },
		{ kind: 'fault-fired', fault: 'image-defect', form: 'hash', device: undefined },
		state('downloading'),
		state('installing'),
	);
	t.is(rowsOf(coverage)['M1'], undefined);
	tell({ kind: 'device-refused' });
	t.deepEqual(rowsOf(coverage)['M1'], { installing: 1 });
});

test('a release that a controller refused to send counts where the fleet stands', (t) => {
	const { coverage, tell } = follow();
	tell({ kind: 'fault-fired', fault: 'image-defect', form: 'unsigned', device: undefined });
	t.deepEqual(rowsOf(coverage)['X9'], { idle: 1 });
});

test('the image that runs, sent again, and a job taken back are seen without any fault being armed', (t) => {
	const { coverage, tell, state } = follow();
	tell({ kind: 'device-job', digest: OLD }, { kind: 'device-reported', status: 'SUCCEEDED' });
	tell({ kind: 'device-job', digest: NEW }, state('downloading'), { kind: 'service-job', status: 'CANCELED' });
	const rows = rowsOf(coverage);
	t.deepEqual(rows['S4'], { downloading: 1 });
	t.deepEqual(rows['S5'], { downloading: 1 });
});

test('devices of another world begin anew', (t) => {
	const { coverage, tell, update } = follow();
	tell(...update.slice(0, 4).map(({ event }) => event), { kind: 'world-opened' });
	tell({ kind: 'device-provisioned', digest: OLD }, { kind: 'fault-fired', fault: 'broker-restart', device: undefined });
	t.deepEqual(rowsOf(coverage)['N9'], { idle: 1 });
});

test('a row for which a case stands as a whole is told without phases, and nothing else that did not happen', (t) => {
	const coverage = new FaultCoverage();
	t.deepEqual(
		coverage.rows(({ id }) => id === 'T12'),
		[{ row: 'T12', phases: {} }],
	);
});
