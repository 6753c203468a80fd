import test from 'ava';
import type { AbortOrder } from './campaign-state.js';
import { createMemoryStore } from './campaign-state.js';
import { FAILS, type Given, HOUR_MS, MINUTE_MS, NEVER, play, SUCCEEDS, planWith } from './play-campaign.test.support.js';

const ORDER: AbortOrder = { who: 'Ines Haddad', why: 'a customer calls' };

/** A person gives the order so long after the campaign's start. */
const orderAfter = (delayMs: number, order: AbortOrder = ORDER, given: Given = {}): Given => {
	const orders = new AbortController();
	return { ...given, before: ({ after }) => after(delayMs, () => orders.abort(order)), options: { orders: orders.signal, ...given.options } };
};

test.serial('an order to stop is told with who gave it, and nothing is sent after it', async (t) => {
	const played = await play(orderAfter(7 * MINUTE_MS, ORDER, { plan: planWith('soak: 1h') }));
	const { outcome, said, platform, events } = played;
	t.like(outcome, { outcome: 'halted', abortedBy: 'Ines Haddad', haltedAtWave: 0, reached: 3, untouched: 9, sentBack: 0 });
	t.is(outcome.reason, 'aborted by Ines Haddad: a customer calls');
	t.deepEqual(
		said('aborted').map(({ who, why, at }) => ({ who, why, at })),
		[{ who: 'Ines Haddad', why: 'in wave 0: a customer calls', at: 7 * MINUTE_MS }],
	);
	t.is(platform.service.deployed.length, 1);
	t.is(events.filter(({ kind }) => kind === 'rollout-halted').length, 1);
	t.is(said('gate-halt').length, 0);
});

test.serial('an order to stop before the first wave leaves everything as it was', async (t) => {
	const plan = planWith('starts: 2026-01-01T06:00Z');
	const { outcome, said, platform } = await play(orderAfter(HOUR_MS, ORDER, { plan }));
	t.like(outcome, { outcome: 'refused', reason: 'aborted by Ines Haddad: a customer calls', reached: 0 });
	t.is(said('aborted')[0]?.why, 'before anything was sent: a customer calls');
	t.is(platform.service.deployed.length, 0);
	t.is(platform.reserve({ id: 'next', campaign: 'next', devices: ['d-000'] }).size, 0);
});

test.serial('what was sent and not begun is taken back or let go on, as the plan has it for a halt', async (t) => {
	const given: Given = { script: () => ({ ...SUCCEEDS, beginsMs: HOUR_MS }) };
	const cancelled = await play(orderAfter(MINUTE_MS, ORDER, given));
	t.is(cancelled.said('job-cancelled').length, 1);
	t.like(cancelled.outcome, { reached: 0, untouched: 12 });
	const left = await play(orderAfter(MINUTE_MS, ORDER, { ...given, plan: planWith('halt: let-finish') }));
	t.is(left.said('job-cancelled').length, 0);
	t.like(left.outcome, { reached: 3, untouched: 9 });
});

test.serial('an order to stop takes back what is out where it says so, and nothing where it does not, whatever the plan says', async (t) => {
	const plan = planWith('soak: 1h', 'rollback: at-once');
	t.is((await play(orderAfter(20 * MINUTE_MS, ORDER, { plan }))).outcome.outcome, 'halted');
	const { outcome, said } = await play(orderAfter(20 * MINUTE_MS, { ...ORDER, takeBack: true }, { plan: planWith('soak: 1h') }));
	t.like(outcome, { outcome: 'rolled-back', abortedBy: 'Ines Haddad', sentBack: 3 });
	t.true(said('device-sent-back').every(({ why }) => why.includes('aborted by Ines Haddad')));
});

test.serial('an order that a gate came before of changes nothing', async (t) => {
	const { outcome, said } = await play(
		orderAfter(HOUR_MS, ORDER, { plan: planWith('rollback: at-once'), script: (device, release) => (release === 'v2' && device < 'd-009' ? FAILS : NEVER) }),
	);
	t.is(outcome.abortedBy, undefined);
	t.is(said('aborted').length, 0);
	t.is(said('gate-halt').length, 1);
});

test.serial('a controller that was killed after an order is followed by one that keeps to it', async (t) => {
	const store = createMemoryStore();
	const orders = new AbortController();
	const kill = new AbortController();
	const given: Given = {
		plan: planWith('soak: 1h'),
		script: () => NEVER,
		options: { store, orders: orders.signal, signal: kill.signal },
		before: ({ after }) => {
			after(MINUTE_MS, () => orders.abort(ORDER));
			after(MINUTE_MS + 1, () => kill.abort());
		},
	};
	await t.throwsAsync(play(given), { code: 'campaign-killed' });
	t.like(store.load(), { phase: 'halted', abort: ORDER });
});

test.serial('a release that its devices would refuse is stopped before anything is sent or backed up', async (t) => {
	const objectionToImage: Given['objectionToImage'] = ({ hardware }) => (hardware === 'sensor' ? 'key: none of theirs' : undefined);
	const { outcome, said, platform } = await play({ objectionToImage });
	t.like(outcome, { outcome: 'refused', reason: 'every sensor would refuse v2 2.0.0: key: none of theirs' });
	t.is(said('settings-backed-up').length, 0);
	t.is(platform.service.deployed.length, 0);
	t.is((await play({ objectionToImage, plan: planWith('targets: { hardware: [gateway] }') })).outcome.outcome, 'completed');
	t.is((await play({ objectionToImage, options: { preflight: false } })).outcome.outcome, 'completed');
});

test.serial('devices that another campaign holds stay out, and so does what must wait for them', async (t) => {
	const { outcome, said, platform } = await play({
		plan: planWith('dependencies: [{ first: gateways, then: sensors-a, per: fleet }]'),
		before: ({ platform }) => void platform.reserve({ id: 'hotfix-1', campaign: 'hotfix', devices: ['d-000'] }),
	});
	t.is(outcome.leftOut.find(({ device }) => device === 'd-000')?.reason, 'campaign hotfix holds it');
	t.is(outcome.leftOut.find(({ device }) => device === 'd-001')?.reason, 'gateways had to be updated first, and d-000 was not');
	t.is(said('devices-reserved')[0]?.why, '11 devices are kept for it as reservation-1, until it ends');
	t.deepEqual([...platform.reserve({ id: 'next', campaign: 'next', devices: ['d-000', 'd-002', 'd-003'] })], [['d-000', 'hotfix']]);
});

test.serial("a campaign all of whose devices are others' is refused and says whose", async (t) => {
	const { outcome, platform } = await play({
		before: ({ platform }) => void platform.reserve({ id: 'hotfix-1', campaign: 'hotfix', devices: platform.inventory().map(({ device }) => device) }),
	});
	t.like(outcome, { outcome: 'refused', reason: "no device is left: those that passed the checks are hotfix's" });
	t.is(platform.service.deployed.length, 0);
});
