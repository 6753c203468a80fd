import test from 'ava';
import type { InventoryEntry } from '../campaign-service.js';
import { fleet, HOUR_MS, MINUTE_MS, planWith, play, sentOrder } from './play-campaign.test.support.js';

const BATTERY = 'battery: { minimum: 40%, waits: 6h }';

/** A fleet in which some devices run from batteries of that charge. */
const withCharge = (count: number, charges: Readonly<Record<string, () => number>>): readonly InventoryEntry[] =>
	fleet(count).map((entry) => {
		const charge = charges[entry.device];
		return charge === undefined ? entry : Object.defineProperty({ ...entry }, 'batteryPercent', { get: charge, enumerable: true });
	});

test.serial('a device whose battery holds too little waits for its charge, the others do not wait for it', async (t) => {
	let percent = 39;
	const played = await play({
		plan: planWith(BATTERY, 'pilot: 6', 'waves: []'),
		devices: 6,
		inventory: withCharge(6, { 'd-001': () => percent, 'd-002': () => 40 }),
		before: ({ after }) =>
			after(3 * HOUR_MS, () => {
				percent = 40;
			}),
	});
	t.like(played.outcome, { outcome: 'completed', succeeded: 6 });
	t.is(sentOrder(played).at(-1), 'd-001');
	const [waits, ...more] = played.said('device-waits');
	t.like(waits, { device: 'd-001', why: '40 % of charge were expected, got 39 %' });
	t.deepEqual(more, []);
	const sentMs = played.outcome.jobs.map(({ sentEpochMs }) => sentEpochMs);
	const waitedMs = Math.max(...sentMs) - Math.min(...sentMs);
	t.true(waitedMs >= 3 * HOUR_MS && waitedMs <= 3 * HOUR_MS + 10 * MINUTE_MS, `${waitedMs}`);
});

test.serial('a device whose battery does not charge in time is left out, with the reason', async (t) => {
	const { outcome, said, endedMs } = await play({
		plan: planWith(BATTERY, 'pilot: 6', 'waves: []'),
		devices: 6,
		inventory: withCharge(6, { 'd-004': () => 12 }),
	});
	t.like(outcome, { outcome: 'completed', succeeded: 5, untouched: 1 });
	t.deepEqual(outcome.leftOut, [{ device: 'd-004', reason: '40 % of charge were expected, got 12 %, and no more within 6 hours' }]);
	t.is(said('device-left-out').length, 1);
	t.true(endedMs >= 6 * HOUR_MS && endedMs <= 7 * HOUR_MS, `${endedMs}`);
});

test.serial('without a bound for batteries a device with little charge goes', async (t) => {
	const { outcome } = await play({ devices: 6, inventory: withCharge(6, { 'd-004': () => 1 }) });
	t.like(outcome, { outcome: 'completed', succeeded: 6 });
});
