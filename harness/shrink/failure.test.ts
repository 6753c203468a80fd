import test from 'ava';
import type { BlackstartEvent, InvariantName, Verdict } from '../events/index.js';
import { type Failure, FailureWatch, generalise, isSameFailure } from './failure.js';

const DEVICES = new Set(['device-00001', 'device-00417', 'gateway-a']);

const SENTENCES: Readonly<Record<string, string>> = {
	'2 of 60 devices booted twice': '# of # devices booted twice',
	'device-00417 runs 1.0.0, 2.1.0 was wanted': '<device> runs #, # was wanted',
	'stuck: device-00001, gateway-a and device-00417': 'stuck: <device>',
	'digest 0f3a9bc81122aa77 at 12.5 ms': 'digest # at # ms',
	'device-99999 is none of the fleet': 'device-# is none of the fleet',
	'defaced words stay': 'defaced words stay',
};

for (const [sentence, general] of Object.entries(SENTENCES)) {
	test(`'${sentence}' in general is '${general}'`, (t) => t.is(generalise(sentence, DEVICES), general));
}

const ended = (verdict: Verdict, reason?: string): BlackstartEvent => ({
	kind: 'scenario-ended',
	scenario: 's',
	title: 't',
	verdict,
	...(reason === undefined ? {} : { reason }),
	faults: [],
	virtualMs: 0,
});
const judged = (invariant: InvariantName, ...messages: readonly string[]): BlackstartEvent => ({
	kind: 'invariant-judged',
	invariant,
	checks: 1,
	violations: messages.map((message, at) => ({ at, message })),
});
const watch = (...events: readonly BlackstartEvent[]): Failure | undefined => {
	const watching = new FailureWatch();
	for (const event of events) watching.observe(event);
	return watching.failure();
};

test('only a failed case has a failure', (t) => {
	for (const verdict of ['passed', 'errored', 'inconclusive', 'skipped'] as const) t.is(watch(judged('trial', 'wrong'), ended(verdict, 'why')), undefined);
	t.is(watch(judged('trial', 'wrong')), undefined, 'one that did not end');
});

test('a broken invariant is known by its name and what its violations say, not by the others', (t) => {
	const whole = watch(
		judged('bootable'),
		judged('trial', 'slot 1 ran twice', 'never confirmed'),
		judged('tidy', 'left 3'),
		ended('failed', 'invariant trial …'),
	);
	t.deepEqual(whole, { invariant: 'trial', sentences: ['slot # ran twice', 'never confirmed'] });
	const same = (...events: readonly BlackstartEvent[]): boolean => isSameFailure(whole as Failure, watch(...events, ended('failed', 'x')));
	t.true(same(judged('trial', 'slot 2 ran twice')));
	t.true(same(judged('trial', 'never confirmed', 'slot 2 ran twice'), judged('converges', 'never')));
	t.false(same(judged('trial', 'never confirmed')), 'another sentence');
	t.false(same(judged('tidy', 'slot 1 ran twice')), 'another invariant');
	t.false(same(), 'an expectation');
	t.false(isSameFailure(whole as Failure, undefined));
});

test('an expectation is known by its sentence', (t) => {
	const whole = watch(judged('trial'), ended('failed', '3 of 60 devices booted twice')) as Failure;
	t.true(isSameFailure(whole, watch(ended('failed', '1 of 1 devices booted twice'))));
	t.false(isSameFailure(whole, watch(ended('failed', '1 of 1 devices booted never'))));
	t.false(isSameFailure(whole, watch(judged('trial', '1 of 1 devices booted twice'), ended('failed', '1 of 1 devices booted twice'))));
});

test('the devices that a failure names are the suspects: the first, then all, by their places', (t) => {
	const suspectsOf = (...events: readonly BlackstartEvent[]): readonly (readonly number[])[] => {
		const watching = new FailureWatch();
		for (const device of ['device-1', 'gateway-a', 'device-3'])
			watching.observe({ kind: 'device-provisioned', at: 0, device, hardware: 'h', digest: '0', version: '1.0.0', securityCounter: 0, settings: '0' });
		for (const event of events) watching.observe(event);
		return watching.suspects();
	};
	t.deepEqual(suspectsOf(ended('failed', 'device-3, gateway-a and device-3 booted twice.')), [[3], [2, 3]]);
	t.deepEqual(suspectsOf(ended('failed', 'gateway-a. That is all')), [[2]]);
	t.deepEqual(suspectsOf(ended('failed', 'device-33 is nobody')), []);
	const accusing: BlackstartEvent = {
		kind: 'invariant-judged',
		invariant: 'trial',
		checks: 1,
		violations: [{ device: 'device-3', at: 1, message: 'of gateway-a' }],
	};
	t.deepEqual(suspectsOf(accusing, ended('failed', 'device-1')), [[3]]);
});
