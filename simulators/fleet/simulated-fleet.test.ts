import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { openVirtualWorld, realTime } from '../../harness/time/index.js';
import { RIGHT_PARTS } from '../device/index.js';
import { HOUR_MS, withFleet } from './fleet.test.support.js';
import { readVector } from './vectors.js';

const SLOW = { latencyMs: 50, jitterMs: 20, bandwidthBytesPerS: 4_000, lossRatio: 0 };

test.serial('a fleet that is closed in the middle of a download does nothing more, and leaves its world free for the next', async (t) => {
	let events: readonly unknown[] = [];
	await withFleet({ devices: 12, link: SLOW, referenceShare: 0.5 }, async (run) => {
		const { fleet } = run;
		({ events } = run);
		for (const [index, device] of fleet.devices.entries()) {
			if (index % 3 === 0) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 5_000 + index }, offMs: 60_000 });
			if (index % 3 === 1) fleet.arm(device, { kind: 'link-reset', after: { messages: 30 } });
			if (index % 3 === 2) fleet.arm(device, { kind: 'stalled-reader', afterMs: 5_500, forMs: 10_000 });
		}
		fleet.armService({ kind: 'broker-restart', afterMs: 60_000, downMs: 1_000, sessions: 'kept' });
		await fleet.deploy(fleet.releases.candidate());
		await fleet.sleep(6_000);
		t.true(fleet.devices.some(({ state }) => state === 'downloading'));
		t.true(fleet.devices.some(({ state }) => state === 'off'));
	});
	const count = events.length;
	for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => realTime.setImmediate(() => resolve(undefined)));
	t.is(events.length, count);
	const next = openVirtualWorld({ seed: 'next' });
	await next.run(() => next.clock.sleep(24 * HOUR_MS));
	t.is(events.length, count);
	t.deepEqual(next.realIo, []);
	next[Symbol.dispose]();
	t.true(Math.abs(Date.now() - realTime.epochMs()) < 60_000);
});

test.serial('a fleet that is closed twice over in one process starts each time from nothing', async (t) => {
	for (let world = 0; world < 3; world++) {
		await withFleet({ devices: 3 }, async ({ fleet }) => {
			t.true(fleet.nowMs < HOUR_MS);
			t.deepEqual(
				fleet.devices.map(({ state, boots }) => `${state} ${boots}`),
				['idle 1', 'idle 1', 'idle 1'],
			);
		});
	}
});

test.serial('a bricked device holds up nobody: the fleet settles once the others are done', async (t) => {
	/** Boots its first image, and nothing ever after. */
	let devices = 0;
	const replaced = {
		device: {
			createBootloader: (...options: Parameters<typeof RIGHT_PARTS.createBootloader>) => {
				const right = RIGHT_PARTS.createBootloader(...options);
				const isWrong = devices++ % 3 === 0;
				let boots = 0;
				const boot = (): ReturnType<typeof right.boot> => (isWrong && ++boots > 1 ? { kind: 'none', reason: 'worn out' } : right.boot());
				return Object.assign(Object.create(right) as typeof right, {
					provision: right.provision.bind(right),
					requestTrial: right.requestTrial.bind(right),
					confirm: right.confirm.bind(right),
					acknowledgeRevert: right.acknowledgeRevert.bind(right),
					state: right.state.bind(right),
					boot,
				});
			},
		},
	};
	await withFleet({ devices: 6, replaced }, async ({ fleet, of }) => {
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: 48 * HOUR_MS });
		t.true(fleet.nowMs < HOUR_MS, `settled at ${fleet.nowMs} ms`);
		await fleet.finish();
		t.deepEqual(
			of('device-final').map(({ outcome }) => outcome),
			['bricked', 'updated', 'updated', 'bricked', 'updated', 'updated'],
		);
		t.is(of('device-no-boot').length, 2);
		// A second release for devices that are beyond help does not hang either.
		await fleet.deploy(fleet.releases.behaving('healthy'), { devices: [fleet.devices[0] as (typeof fleet.devices)[number]] });
		await fleet.settle({ withinMs: HOUR_MS });
	});
});

test.serial('a fleet that cannot settle in time says who is not at rest and goes on', async (t) => {
	await withFleet({ devices: 3 }, async ({ fleet, of }) => {
		const [first] = fleet.devices;
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: 10_000 });
		t.regex(of('scenario-step').at(-1)?.text ?? '', /^not settled within 10000 ms: 3 jobs are open; 3 devices are not at rest: device-00001 is testing/);
		t.is(first?.outcome, 'stuck');
		await fleet.settle({ withinMs: HOUR_MS });
		t.is(first?.outcome, 'updated');
	});
});

test.serial('a broker restart says how many connections it cut, and is no evidence where it cut none', async (t) => {
	await withFleet({ devices: 6 }, async ({ fleet, of }) => {
		fleet.armService({ kind: 'broker-restart', afterMs: 1_000, downMs: 400, sessions: 'lost' });
		// By the second nobody is back yet.
		fleet.armService({ kind: 'broker-restart', afterMs: 1_401, downMs: 400, sessions: 'kept' });
		await fleet.sleep(300_000);
		t.deepEqual(
			of('fault-fired').map(({ fault, detail }) => `${fault}: ${detail}`),
			['broker-restart: 6 connections cut'],
		);
		t.is(of('fault-armed').length, 2);
		t.deepEqual(
			of('broker-stopped').map(({ sessions }) => sessions),
			['lost', 'kept'],
		);
		t.is(of('broker-started').length, 2);
		t.is(fleet.faultsFired('broker-restart'), 1);
		t.true(fleet.devices.every(({ state }) => state === 'idle'));
	});
});

test.serial('a service that is down says how many messages it did not hear, and is no evidence where there were none', async (t) => {
	await withFleet({ devices: 3 }, async ({ fleet, of }) => {
		fleet.armService({ kind: 'service-down', afterMs: 1_000, forMs: 5_000 });
		await fleet.sleep(10_000);
		t.is(fleet.faultsFired('service-down'), 0);
		fleet.armService({ kind: 'service-down', afterMs: 1_000, forMs: 60_000 });
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: HOUR_MS });
		const [fired, ...more] = of('fault-fired');
		t.deepEqual(more, []);
		t.regex(fired?.detail ?? '', /^[1-9]\d* messages unheard$/);
		t.is(of('service-stopped').length, 2);
		t.is(of('service-started').length, 2);
		t.true(fleet.devices.every(({ outcome }) => outcome === 'updated'));
	});
});

test.serial('packet loss is armed once, and its evidence is the packets that were sent again', async (t) => {
	await withFleet({ devices: 6, link: { ...SLOW, lossRatio: 0.2 } }, async ({ fleet, of }) => {
		fleet.setLink({ ...SLOW, lossRatio: 0.1 });
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: 6 * HOUR_MS });
		await fleet.finish();
		await fleet.finish();
		t.is(of('fault-armed').length, 1);
		t.is(of('fault-fired').filter(({ fault }) => fault === 'packet-loss').length, 1);
		t.is(of('device-final').length, 6);
		t.is(fleet.faultsFired('packet-loss'), 1);
	});
});

test.serial('devices that join later are online, idle and part of the next release', async (t) => {
	await withFleet({ devices: 3 }, async ({ fleet }) => {
		const added = await fleet.enrol(3);
		t.is(fleet.devices.length, 6);
		t.true(added.every(({ state }) => state === 'idle'));
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: HOUR_MS });
		t.true(fleet.devices.every(({ outcome }) => outcome === 'updated'));
	});
});

test.serial("a user's image is what devices run, byte for byte, under the user's keys alone until an image of the harness's own is asked for", async (t) => {
	const userImage = (name: string) => {
		const { bytes } = readVector(name);
		return { name, bytes, digest: createHash('sha256').update(bytes).digest('hex') };
	};
	const folder = new URL('../../../harness/firmware/vectors/keys/', import.meta.url);
	const keys = [readFileSync(new URL('ed25519-A.pub.pem', folder), 'utf8')];
	const image = userImage('ed-plain.bin');
	await withFleet({ devices: 2, run: { image, from: userImage('ed-base.bin'), keys } }, async ({ fleet, of }) => {
		const trusted = (): number => of('scenario-evidence').filter(({ name }) => name === 'trusted keys').length;
		await fleet.deploy(fleet.releases.forbidden('unknown-key'));
		await fleet.settle({ withinMs: HOUR_MS });
		t.true(fleet.devices.every(({ outcome }) => outcome === 'refused'));
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: HOUR_MS });
		t.true(fleet.devices.every(({ outcome }) => outcome === 'updated'));
		t.deepEqual(
			of('device-confirmed').map(({ digest }) => digest),
			[image.digest, image.digest],
		);
		t.is(trusted(), 0);
		fleet.releases.behaving('healthy');
		t.is(trusted(), 1);
	});
});
