import test, { type ExecutionContext } from 'ava';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { encodeEvent } from '../../harness/events/index.js';
import { createJudge } from '../../harness/invariants/index.js';
import type { FleetOptions } from '../../harness/ports/index.js';
import { type DeviceParts, RIGHT_PARTS } from '../device/index.js';
import { type FleetRun, HOUR_MS, withFleet } from '../fleet/fleet.test.support.js';

const PROTOCOLS = ['hawkbit', 'mender', 'thingsboard'] as const;
const ONE = { devices: 1, profiles: ['sensor'], referenceShare: 0 } as const;

const broken = (events: readonly BlackstartEvent[]): readonly string[] => {
	const judge = createJudge();
	for (const event of events) judge.observe(event);
	return judge.finish().flatMap(({ invariant, violations }) => (violations.length > 0 ? [invariant] : []));
};

const update = async ({ fleet, events }: FleetRun): Promise<readonly BlackstartEvent[]> => {
	await fleet.deploy(fleet.releases.candidate());
	await fleet.settle({ withinMs: HOUR_MS });
	await fleet.finish();
	return events;
};

/** What a device tells of its end, in place of what came of it. */
const LIES: readonly (readonly [name: string, device: Partial<DeviceParts>])[] = [
	[
		'tells of failure and runs the new image',
		{ reportOutcome: (agent, outcome) => RIGHT_PARTS.reportOutcome(agent, { ...outcome, status: 'FAILED', reason: 'nothing was installed' }) },
	],
	[
		'tells of success where it refused the image',
		{
			objectionToImage: () => 'a device that does not want to',
			reportOutcome: (agent, { job }) => RIGHT_PARTS.reportOutcome(agent, { job, status: 'SUCCEEDED' }),
		},
	],
];

for (const protocol of PROTOCOLS) {
	for (const [lie, device] of LIES) {
		test.serial(`over ${protocol} a device that ${lie} is caught`, (t) =>
			withFleet({ ...ONE, protocol, replaced: { device } }, async (run) => {
				t.deepEqual(broken(await update(run)), ['truthful']);
			}),
		);
	}

	test.serial(`over ${protocol} a seed is one log`, async (t) => {
		const link = { latencyMs: 50, jitterMs: 20, bandwidthBytesPerS: 50_000, lossRatio: 0.05 };
		const log = () => withFleet({ ...ONE, devices: 3, protocol, link, seed: 'again' }, async (run) => (await update(run)).map(encodeEvent));
		const once = await log();
		t.true(once.some((line) => line.includes('"device-confirmed"')));
		t.deepEqual(await log(), once);
	});
}

test.serial('an image that lies in a container is found in it where a server sends everything, whatever was asked for', (t) =>
	withFleet({ ...ONE, protocol: 'mender' }, async (run) => {
		run.fleet.armService({ kind: 'artifacts-wrong', afterMs: 0, forMs: HOUR_MS, what: 'no-range' });
		await run.fleet.sleep(10);
		const events = await update(run);
		t.deepEqual(broken(events), []);
		t.is(run.fleet.devices[0]?.outcome, 'updated');
		t.true(run.fleet.faultsFired('artifacts-wrong') > 0);
	}),
);

const refuse = async (t: ExecutionContext, options: FleetOptions, says: RegExp): Promise<void> => {
	await t.throwsAsync(
		withFleet({ ...ONE, ...options }, async () => undefined),
		{ instanceOf: RangeError, message: says },
	);
};

test.serial('what another protocol does not have is refused by name', async (t) => {
	await refuse(t, { protocol: 'mender', presence: true }, /'mender' goes without presence/);
	await refuse(t, { protocol: 'hawkbit', imagesBy: 'url' }, /'hawkbit' goes without imagesBy/);
	await refuse(t, { protocol: 'thingsboard', sessions: 'lasting' }, /'thingsboard' goes without sessions/);
	await refuse(t, { protocol: 'coap' as never }, /protocol: one of aws-iot, hawkbit, mender, thingsboard was expected, got 'coap'/);
	await withFleet({ ...ONE, protocol: 'hawkbit' }, async ({ fleet }) => {
		fleet.armService({ kind: 'throttled', afterMs: 0, forMs: 1_000 });
		await t.throwsAsync(fleet.sleep(10), { message: /messages of AWS IoT: a fleet whose protocol is aws-iot was expected/ });
	});
});
