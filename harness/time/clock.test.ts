import test, { type ExecutionContext } from 'ava';
import { type Clock, openVirtualWorld, RealClock, VirtualTimeError } from './index.js';

/** What every clock promises, run on both. */
const promises: Readonly<Record<string, (t: ExecutionContext, clock: Clock) => Promise<void>>> = {
	'time passes while one sleeps': async (t, clock) => {
		const before = { nowMs: clock.nowMs, epochMs: clock.epochMs };
		await clock.sleep(20);
		t.true(clock.nowMs - before.nowMs >= 19);
		t.true(clock.epochMs - before.epochMs >= 19);
	},
	'a cancelled timer never fires': async (t, clock) => {
		let fired = 0;
		clock.after(5, () => fired++).cancel();
		clock.after(5, () => fired++);
		await clock.sleep(20);
		t.is(fired, 1);
	},
	'until() resolves when its condition holds': async (t, clock) => {
		let ready = false;
		clock.after(10, () => {
			ready = true;
		});
		await clock.until(() => ready, { withinMs: 1_000, label: 'the flag' });
		t.true(ready);
		await clock.until(() => true, { withinMs: 1_000, label: 'what holds already' });
	},
	'until() rejects in its own words when its bound passes': async (t, clock) => {
		const error = await t.throwsAsync(
			clock.until(() => false, { withinMs: 15, label: 'device-3 to confirm' }),
			{ instanceOf: VirtualTimeError },
		);
		t.like(error, { code: 'timeout', message: 'device-3 to confirm: not within 15 ms' });
	},
	'a condition that throws rejects its waiter': async (t, clock) => {
		const broken = (): boolean => {
			throw new RangeError('no such device');
		};
		await t.throwsAsync(clock.until(broken, { withinMs: 15, label: 'nothing' }), { instanceOf: RangeError });
	},
};

for (const [title, promise] of Object.entries(promises)) {
	test.serial(`virtual clock: ${title}`, async (t) => {
		using world = openVirtualWorld({ seed: '1' });
		await world.run(() => promise(t, world.clock));
	});
	test.serial(`real clock: ${title}`, (t) => promise(t, new RealClock()));
}
