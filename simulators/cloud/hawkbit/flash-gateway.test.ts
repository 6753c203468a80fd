import test, { type ExecutionContext } from 'ava';
import { GOOD_LINK } from '../../../harness/faults/index.js';
import type { Release } from '../../../harness/firmware/index.js';
import { type DdiAction, type DdiActionState, DdiDevice, type DdiTarget } from '../../../harness/protocols/hawkbit-ddi/index.js';
import { createRandom } from '../../../harness/time/index.js';
import { type Bench, withBench } from '../../device/bench.test.support.js';
import { createLink } from '../../network/index.js';
import { createArtifact, createHttpPort, MemorySink } from '../artifacts/index.js';
import { judgeTruth } from '../peer/index.js';
import { createMemoryHawkbit, FlashGateway, type FlashGatewayOptions, type GatewayStorage, HARDWARE_KEY, type HawkbitServer, runDevice } from './index.js';

const TOKEN = 'secret';
const STATUS: Partial<Record<DdiActionState, 'SUCCEEDED' | 'FAILED' | 'CANCELED'>> = { finished: 'SUCCEEDED', error: 'FAILED', canceled: 'CANCELED' };

interface Stage {
	readonly bench: Bench;
	readonly server: HawkbitServer;
	readonly target: DdiTarget;
	readonly storage: GatewayStorage;
	readonly release: Release;
	readonly options: FlashGatewayOptions;
	/** Publishes the release, under other facts where given, and assigns it. */
	assign(change?: { readonly sha256?: string; readonly hardware?: string }): DdiAction;
	powerOn(change?: Partial<FlashGatewayOptions>): FlashGateway;
	until(condition: () => boolean, label: string): Promise<void>;
	/** What `truthful` says of the action and what the device runs. */
	untruths(action: DdiAction): readonly string[];
}

/** A flash device in virtual time, its gateway, and hawkBit, over a link with latency. */
const withStage = (
	{ behaviour, confirmations = false }: { readonly behaviour?: 'fails-self-test'; readonly confirmations?: boolean },
	body: (stage: Stage) => Promise<void>,
): Promise<void> =>
	withBench({}, async (bench) => {
		await bench.start();
		const { clock, cloud, device } = bench;
		const { hawkbit: server, memory } = createMemoryHawkbit({ clock, sleepMs: 60_000 });
		const target = server.addTarget(device.id, { token: TOKEN, confirmations });
		const random = createRandom('gateway');
		const dial = () => {
			const link = createLink({ clock, random, conditions: GOOD_LINK });
			memory.accept(link.brokerEnd);
			return link.deviceEnd;
		};
		const release = behaviour === undefined ? bench.releases.candidate() : bench.releases.behaving(behaviour);
		const old = bench.imageOf(bench.releases.installed());
		const image = bench.imageOf(release);
		bench.slots.addReleased({ digest: image.digest, sizeBytes: image.bytes.length });
		const storage: GatewayStorage = { memory: {}, files: new Map() };
		const options: FlashGatewayOptions = {
			rootUrl: `http://hawkbit.test/DEFAULT/controller/v1/${device.id}`,
			token: TOKEN,
			http: createHttpPort({ dial }),
			clock,
			cloud,
			thing: device.id,
			hardware: device.profile.hardware,
			storage,
			limits: { retryWaitMs: 1000 },
		};
		const gateways: FlashGateway[] = [];
		const stage: Stage = {
			bench,
			server,
			target,
			storage,
			release,
			options,
			assign: ({ sha256, hardware = device.profile.hardware } = {}) => {
				const artifact = createArtifact('image.bin', image.bytes);
				const given = sha256 === undefined ? artifact : { ...artifact, hashes: { ...artifact.hashes, sha256 } };
				server.publish({
					name: 'os:2',
					modules: [{ part: 'bApp', name: 'os', version: release.version, artifacts: [given], metadata: [{ key: HARDWARE_KEY, value: hardware }] }],
				});
				return server.assign(device.id, { distribution: 'os:2' });
			},
			powerOn: (change = {}) => {
				const gateway = new FlashGateway({ ...options, ...change });
				gateways.push(gateway);
				return gateway;
			},
			until: (condition, label) => bench.until(condition, label),
			untruths: (action) => {
				const runs = device.running?.digest === image.digest ? image.bytes : old.bytes;
				return judgeTruth({ oldImage: old.bytes, newImage: image.bytes, slot: runs, status: STATUS[action.state] });
			},
		};
		await bench.run(async () => {});
		try {
			await body(stage);
		} finally {
			await bench.run(async () => {
				await Promise.all(gateways.map((gateway) => Promise.race([gateway.powerOff(), clock.sleep(120_000)])));
				memory[Symbol.dispose]();
			});
		}
	});

const inWorld = <Result>({ bench }: Stage, work: () => Result): Promise<Result> => bench.run(async () => work());
const rangesOf = ({ server }: Stage) => server.calls.filter(({ path }) => path.endsWith('image.bin')).map(({ range }) => range);
const runsNew = (t: ExecutionContext, { bench, release }: Stage, isNew: boolean) =>
	t.is(bench.device.running?.digest === bench.imageOf(release).digest, isNew, isNew ? 'the new image runs' : 'the old image runs');

test.serial('an action is closed with success once the flash device has confirmed the image, and not when it has it', async (t) => {
	await withStage({}, async (stage) => {
		const action = await inWorld(stage, () => stage.assign());
		for (const fault of [
			{ kind: 'cut', afterBytes: 20_000 },
			{ kind: 'cut', afterBytes: 10_000 },
		] as const)
			stage.server.faults.add(fault);
		await inWorld(stage, () => stage.powerOn());
		await stage.until(() => stage.bench.eventsOf('device-downloaded').length > 0, 'the flash device to have it');
		t.is(action.state, 'downloaded');
		await stage.until(() => action.state === 'finished', 'success');
		t.is(stage.bench.eventsOf('device-confirmed').length, 1);
		runsNew(t, stage, true);
		const [whole, ...resumed] = rangesOf(stage);
		// What is under way when a server hangs up may be lost with it.
		t.deepEqual([whole, resumed.length, resumed.every((range) => /^bytes=[23]0000-$/.test(range ?? ''))], [undefined, 2, true], 'two cuts were resumed');
		t.deepEqual(stage.untruths(action), []);
		t.is(stage.target.attributes.get('hardware'), stage.bench.device.profile.hardware);
	});
});

test.serial('an image that the flash device takes back closes its action with failure and the reason', async (t) => {
	await withStage({ behaviour: 'fails-self-test' }, async (stage) => {
		const action = await inWorld(stage, () => stage.assign());
		await inWorld(stage, () => stage.powerOn());
		await stage.until(() => action.state === 'error', 'failure');
		t.regex(action.history.at(-1)?.messages.join(' ') ?? '', /FAILED reverted: self-test-failed/);
		runsNew(t, stage, false);
		t.deepEqual(stage.untruths(action), []);
	});
});

test.serial('a wrong digest and other hardware fail before the flash device hears of it; a cancellation in mid-download leaves it alone', async (t) => {
	for (const [change, words] of [
		[{ sha256: '0'.repeat(64) }, /sha256 0+ was wanted/],
		[{ hardware: 'other-r9' }, /the image is for other-r9/],
	] as const) {
		await withStage({}, async (stage) => {
			const action = await inWorld(stage, () => stage.assign(change));
			await inWorld(stage, () => stage.powerOn());
			await stage.until(() => action.state === 'error', 'failure');
			t.regex(action.history.at(-1)?.messages.join(' ') ?? '', words);
			t.deepEqual([stage.bench.eventsOf('device-job').length, stage.untruths(action)], [0, []]);
		});
	}
	await withStage({}, async (stage) => {
		const action = await inWorld(stage, () => stage.assign());
		stage.server.faults.add({ kind: 'stall', afterBytes: 20_000 });
		await inWorld(stage, () => stage.powerOn());
		await stage.until(() => action.state === 'download', 'the download');
		await inWorld(stage, () => stage.target.cancel(action.id));
		await stage.until(() => action.state === 'canceled', 'the cancellation');
		runsNew(t, stage, false);
		t.deepEqual([stage.bench.eventsOf('device-job').length, stage.untruths(action)], [0, []]);
	});
});

test.serial('power that goes at any flash operation of an installation, and a gateway that goes with it, end in one installation and one word', async (t) => {
	for (const operation of [0, 3, 9, 20, 40]) {
		await withStage({}, async (stage) => {
			const { bench } = stage;
			const action = await inWorld(stage, () => stage.assign());
			const first = await inWorld(stage, () => stage.powerOn());
			await stage.until(() => first.device.memory.stage === 'installing', 'the job');
			await inWorld(stage, () => bench.device.arm({ kind: 'power-cut', moment: { at: 'operation', operation, tear: 'half' }, offMs: 30_000 }));
			await stage.until(() => bench.device.tally.powerLosses === 1, 'the cut');
			await bench.run(() => first.powerOff());
			await bench.rest();
			await inWorld(stage, () => stage.powerOn());
			await stage.until(() => action.state === 'finished', `success behind a cut at operation ${operation}`);
			runsNew(t, stage, true);
			t.deepEqual(stage.untruths(action), []);
			t.is(stage.server.calls.filter(({ body }) => body.includes('"closed"')).length, 1, 'told once');
			t.is(rangesOf(stage).length, 1, 'downloaded once');
		});
	}
});

test.serial('an action that asks for confirmation is begun once it is confirmed', async (t) => {
	await withStage({ confirmations: true }, async (stage) => {
		let isWilling = false;
		const action = await inWorld(stage, () => stage.assign());
		await inWorld(stage, () => stage.powerOn({ confirms: () => isWilling }));
		await stage.until(() => action.history.length >= 2, 'two refusals');
		t.deepEqual([action.state, rangesOf(stage)], ['wait-for-confirmation', []]);
		isWilling = true;
		await stage.until(() => action.state === 'finished', 'success');
		t.deepEqual([...new Set(action.history.flatMap(({ messages }) => messages))].slice(0, 2), ['denied', 'confirmed']);
		runsNew(t, stage, true);
	});
});

test.serial(
	'a device that says success before its image has proved itself, or failure of one that runs, is believed by hawkBit and caught by truthful',
	async (t) => {
		for (const [behaviour, result, untruth] of [
			['fails-self-test', 'success', /(for SUCCEEDED|succeeded), and the device runs 1[.]0/],
			[undefined, 'failure', /has confirmed 2[.]0 .* and the service holds its job for FAILED/],
		] as const) {
			await withStage(behaviour === undefined ? {} : { behaviour }, async (stage) => {
				const { bench, options, release } = stage;
				const action = await inWorld(stage, () => stage.assign());
				const device = new DdiDevice({ rootUrl: options.rootUrl });
				const power = new AbortController();
				const ended = await inWorld(stage, () => ({
					run: runDevice(device, {
						...options,
						signal: power.signal,
						sinkOf: () => new MemorySink(),
						install: () => {
							bench.deploy(bench.imageOf(release));
							return { result, details: ['as the device has it'] };
						},
					}),
				}));
				await stage.until(() => STATUS[action.state] !== undefined, 'its word');
				await stage.until(() => bench.device.tally.boots >= 2 && bench.device.atRest, 'what comes of it');
				const found = stage.untruths(action);
				t.true(found.length > 0 && found.every((message) => untruth.test(message)), JSON.stringify(found));
				power.abort();
				await bench.run(() => ended.run);
			});
		}
	},
);
