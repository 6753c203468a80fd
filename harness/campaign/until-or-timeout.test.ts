import test from 'ava';
import { openVirtualWorld } from '../time/index.js';
import { untilOrTimeout } from './until-or-timeout.js';

test.serial('a condition that comes true in time is told from one that does not', async (t) => {
	using world = openVirtualWorld({ seed: '1' });
	const { clock } = world;
	const waitFor = (atMs: number): Promise<boolean> => {
		clock.after(atMs, () => {});
		return untilOrTimeout(clock, { condition: () => clock.nowMs >= atMs, withinMs: 100, label: 'a test' });
	};
	t.true(await world.run(() => waitFor(50)));
	t.is(clock.nowMs, 50);
	t.false(await world.run(() => waitFor(1_000)));
	t.is(clock.nowMs, 150);
});

test.serial('an error of the condition is no timeout', async (t) => {
	using world = openVirtualWorld({ seed: '1' });
	const condition = (): boolean => {
		throw new TypeError('the service is broken');
	};
	const waiting = world.run(() => untilOrTimeout(world.clock, { condition, withinMs: 100, label: 'a test' }));
	await t.throwsAsync(waiting, { instanceOf: TypeError, message: 'the service is broken' });
});
