import { join } from 'node:path';
import test from 'ava';
import { EXHIBITS } from '../../../simulators/museum/index.js';
import { isSameFailure } from '../../shrink/index.js';
import { makeFolder, readEvents, startBlackstart } from '../blackstart.test.support.js';
import { runCampaignCandidate } from './index.js';

/** Halts as soon as two of five devices fail, which takes as many that are weak. */
const PLAN = `name: weak
approver: Dana Okafor
inventory:
  - { group: sensors, hardware: sensor-r1, version: 1.0.0 }
pilot: 5
waves: [4]
gates: { failures: 30% }
rollback: none
`;

test.serial('a campaign that halts is shrunk: the smaller command is in its reports, and halts again in the same words', async (t) => {
	const folder = makeFolder(t, { 'plan.yaml': PLAN });
	const whole = ['campaign', 'plan.yaml', '--seed', '3', '--devices', '12', '--failure-rate', '40%', '--json'];
	const first = await startBlackstart(folder, [...whole, '--out', 'out', '--shrink-seconds', '100']);
	t.is(first.exitCode, 1, first.stderr);
	const { shrunk, reason } = JSON.parse(first.stdout) as {
		readonly shrunk: { readonly case: string; readonly to: { readonly devices: number } };
		readonly reason: string;
	};
	t.like(shrunk, { end: 'minimal', from: { devices: 12, faults: 1, waves: 3 }, to: { faults: 1, waves: 1 } });
	const { case: smaller, to } = shrunk;
	t.true(to.devices < 5, `${to.devices} devices`);
	t.regex(smaller, /^blackstart campaign plan\.yaml --seed 3 --devices 12 --failure-rate 0\.4 --keep-devices [\d,-]+( --keep-waves 1)?$/);
	t.true(first.stderr.includes(`smaller: ${smaller}\n`), first.stderr);
	t.true(readEvents(join(folder, 'out')).some((event) => event.kind === 'run-shrunk' && event.case === smaller));
	const again = await startBlackstart(folder, [...smaller.split(' ').slice(1), '--no-shrink', '--json']);
	t.is(again.exitCode, 1, again.stderr);
	const general = (text: string): string => text.replaceAll(/\d+(\.\d+)?/g, '#');
	const result = JSON.parse(again.stdout) as { readonly reason: string; readonly shrunk?: unknown };
	t.is(general(result.reason), general(reason));
	t.is(result.shrunk, undefined);
});

test.serial('what a candidate of a campaign failed of is the invariant that it broke, with fewer devices too', async (t) => {
	const folder = makeFolder(t, { 'plan.yaml': PLAN });
	const { parts, invariant } = EXHIBITS.find(({ name }) => name === 'outcome-is-never-struck-off') as (typeof EXHIBITS)[number];
	const request = { seed: '3', devices: 12, weakRatio: 0, drifted: 0, behaviour: 'healthy', killAfterMs: undefined, abortAfterMs: undefined } as const;
	const run = (devices?: readonly number[]) =>
		runCampaignCandidate(
			{ planFile: 'plan.yaml', request, reduction: devices === undefined ? {} : { devices, waves: 1 } },
			{ directory: folder, replaced: parts },
		);
	const whole = await run();
	t.is(whole.failure?.invariant, invariant);
	t.deepEqual([whole.extent.devices, whole.extent.waves, whole.suspects[0]], [12, 3, [1]]);
	const one = await run([7]);
	t.true(whole.failure !== undefined && isSameFailure(whole.failure, one.failure), JSON.stringify(one));
	t.deepEqual(one.suspects[0], [7]);
	const right = await runCampaignCandidate({ planFile: 'plan.yaml', request, reduction: {} }, { directory: folder });
	t.deepEqual([right.failure, right.reason], [undefined, '']);
});
