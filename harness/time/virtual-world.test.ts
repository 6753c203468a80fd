import { readFile } from 'node:fs/promises';
import test from 'ava';
import { openVirtualWorld } from './index.js';

test.serial('a virtual month passes at once, in order of due time and then of scheduling', async (t) => {
	using world = openVirtualWorld({ seed: '1' });
	const order: string[] = [];
	await world.run(async () => {
		setTimeout(() => order.push('b'), 20);
		setTimeout(() => order.push('c'), 20);
		setTimeout(() => order.push('a'), 10);
		setImmediate(() => order.push('now'));
		await world.clock.sleep(30 * 24 * 3_600_000);
	});
	t.deepEqual(order, ['now', 'a', 'b', 'c']);
	t.is(world.clock.nowMs, 30 * 24 * 3_600_000);
});

test.serial("the process's timers, dates and randomness follow the world, and are real again after it", async (t) => {
	const before = { setTimeout, Date, random: Math.random, now: performance.now };
	{
		using world = openVirtualWorld({ seed: '1', startEpochMs: Date.UTC(2030, 0, 1) });
		const seen = await world.run(async () => {
			await new Promise((resolve) => setTimeout(resolve, 1500));
			return { iso: new Date().toISOString(), now: Date.now(), performance: performance.now(), isDate: new Date() instanceof Date, text: Date() };
		});
		t.is(seen.iso, '2030-01-01T00:00:01.500Z');
		t.is(seen.now, Date.UTC(2030, 0, 1) + 1500);
		t.is(seen.performance, 1500);
		t.true(seen.isDate);
		t.true(seen.text.includes('2030'));
	}
	t.is(setTimeout, before.setTimeout);
	t.is(Date, before.Date);
	t.is(Math.random, before.random);
	t.is(performance.now, before.now);
	t.true(Math.abs(Date.now() - Date.UTC(2030, 0, 1)) > 86_400_000);
});

test.serial('timers behave as those of Node: at least a millisecond, whole milliseconds, cleared by object or by number, refreshed', async (t) => {
	using world = openVirtualWorld({ seed: '1' });
	const fired: string[] = [];
	await world.run(async () => {
		setTimeout(() => fired.push(`zero at ${world.clock.nowMs}`), 0);
		setTimeout(() => fired.push(`fraction at ${world.clock.nowMs}`), 2.9);
		setTimeout((...values: number[]) => fired.push(`values ${values.join()}`), 3, 7, 8);
		clearTimeout(setTimeout(() => fired.push('cleared'), 4));
		clearTimeout(Number(setTimeout(() => fired.push('cleared by number'), 4)));
		const refreshed = setTimeout(() => fired.push(`refreshed at ${world.clock.nowMs}`), 5);
		setTimeout(() => refreshed.refresh(), 4);
		let ticks = 0;
		const interval = setInterval(() => {
			fired.push(`tick at ${world.clock.nowMs}`);
			if (++ticks === 2) clearInterval(interval);
		}, 20);
		await world.clock.sleep(100);
	});
	t.deepEqual(fired, ['zero at 1', 'fraction at 2', 'values 7,8', 'refreshed at 9', 'tick at 20', 'tick at 40']);
});

test.serial('promises and nextTick are drained between two callbacks of one instant', async (t) => {
	using world = openVirtualWorld({ seed: '1' });
	const order: string[] = [];
	await world.run(async () => {
		setTimeout(() => {
			order.push('first');
			process.nextTick(() => order.push('tick'));
			void Promise.resolve().then(() => order.push('promise'));
		}, 5);
		setTimeout(() => order.push('second'), 5);
		await world.clock.sleep(10);
	});
	t.deepEqual(order, ['first', 'tick', 'promise', 'second']);
});

test.serial('a deadlock is reported at once, with who waits for what', async (t) => {
	using world = openVirtualWorld({ seed: '1' });
	const error = await t.throwsAsync(world.run(() => new Promise(() => {})));
	t.like(error, { name: 'VirtualTimeError', code: 'deadlock' });
	const late = await t.throwsAsync(
		world.run(async () => {
			await world.clock.sleep(5, 'device-7');
			await world.clock.until(() => false, { withinMs: 60_000, label: 'device-7 to connect' });
		}),
	);
	t.like(late, { code: 'timeout', message: 'device-7 to connect: not within 60000 ms', atMs: 60_005 });
});

test.serial('several may run at once, and time stands still while none does', async (t) => {
	using world = openVirtualWorld({ seed: '1' });
	const long = world.run(() => world.clock.sleep(100));
	await world.run(() => world.clock.sleep(30));
	t.is(world.clock.nowMs, 30);
	await long;
	t.is(world.clock.nowMs, 100);
	let ticks = 0;
	setInterval(() => ticks++, 1);
	await readFile(new URL(import.meta.url));
	t.is(ticks, 0);
	t.is(world.clock.nowMs, 100);
});

test.serial('a timer that is unreferenced keeps nobody waiting: with nothing else due, the wait is a deadlock', async (t) => {
	using world = openVirtualWorld({ seed: '1' });
	let beats = 0;
	const heartbeat = setInterval(() => beats++, 1_000).unref();
	t.false(heartbeat.hasRef());
	t.like(await t.throwsAsync(world.run(() => new Promise(() => {}))), { code: 'deadlock', atMs: 0 });
	await world.run(() => world.clock.sleep(5_500));
	t.is(beats, 5);
	heartbeat.ref();
	t.true(heartbeat.hasRef());
	await world.run(() => new Promise<void>((resolve) => void setInterval(() => beats === 7 && resolve(), 100).unref()));
	t.is(world.clock.nowMs, 7_000);
});

test.serial('a wait for real input or output is named in the deadlock it causes', async (t) => {
	using world = openVirtualWorld({ seed: '1' });
	const error = await t.throwsAsync(world.run(() => readFile(new URL(import.meta.url))));
	t.like(error, { code: 'deadlock' });
	t.regex(error?.message ?? '', /Real input or output is under way \(FSReq/);
	t.true(world.realIo.some((kind) => kind.startsWith('FSReq')));
});

test.serial('the limit, a livelock and a throwing callback each end the run with their own code', async (t) => {
	{
		using world = openVirtualWorld({ seed: '1', limitMs: 500 });
		const error = await t.throwsAsync(world.run(() => world.clock.sleep(1_000, 'the long sleeper')));
		t.like(error, { code: 'limit' });
		t.true(error?.message.includes('the long sleeper'));
	}
	{
		using world = openVirtualWorld({ seed: '1' });
		const spin = (): void => {
			setImmediate(spin);
		};
		t.like(await t.throwsAsync(world.run(async () => spin()).then(() => world.run(() => world.clock.sleep(1)))), { code: 'livelock' });
	}
	{
		using world = openVirtualWorld({ seed: '1' });
		const error = await t.throwsAsync(
			world.run(async () => {
				setTimeout(() => {
					throw new RangeError('boom');
				}, 5);
				await world.clock.sleep(10);
			}),
		);
		t.like(error, { code: 'callback-threw', atMs: 5 });
		t.true(error?.cause instanceof RangeError);
	}
});

test.serial('a second world while one is open is a clear error, and none is left behind', (t) => {
	const world = openVirtualWorld({ seed: '1' });
	t.throws(() => openVirtualWorld({ seed: '2' }), { message: /open already/ });
	world[Symbol.dispose]();
	world[Symbol.dispose]();
	openVirtualWorld({ seed: '2' })[Symbol.dispose]();
	t.pass();
});

test.serial('instants at which everything was cancelled are passed over', async (t) => {
	using world = openVirtualWorld({ seed: '1' });
	await world.run(async () => {
		const deadline = world.clock.after(1_000, () => t.fail('it was cancelled'));
		for (let index = 0; index < 5_000; index++) world.clock.after(500 + index, () => t.fail('it was cancelled')).cancel();
		deadline.cancel();
		deadline.cancel();
		let asked = 0;
		world.clock.after(10_000, () => {});
		await world.clock.until(() => ++asked > 0 && world.clock.nowMs >= 10_000, { withinMs: 20_000, label: 'the end' });
		t.is(world.clock.nowMs, 10_000);
		t.true(asked < 10, `the condition was asked ${asked} times`);
	});
});

test.serial('a timer that is refreshed waits anew from then on, however often', async (t) => {
	using world = openVirtualWorld({ seed: '1' });
	const firedAt: number[] = [];
	await world.run(async () => {
		const timer = setTimeout(() => firedAt.push(world.clock.nowMs), 100);
		for (let index = 0; index < 3; index++) {
			await world.clock.sleep(60);
			timer.refresh();
		}
		await world.clock.sleep(99);
		t.deepEqual(firedAt, []);
		await world.clock.sleep(1);
		t.deepEqual(firedAt, [280]);
		timer.refresh();
		await world.clock.sleep(100);
		t.deepEqual(firedAt, [280, 380]);
		timer.refresh();
		clearTimeout(timer);
		await world.clock.sleep(300);
	});
	t.deepEqual(firedAt, [280, 380]);
});
