import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { CampaignState } from '../../campaign/index.js';
import { buildImage, parseSigningKey, parseVersion } from '../../firmware/index.js';
import { validateJenkinsRules } from '../../../reports/index.js';
import { askBlackstart, makeFolder, readEvents, refusalOf, startBlackstart } from '../blackstart.test.support.js';
import { findPackageRoot } from '../package-root.js';
import { createFileStore } from './index.js';

const PLANS = join(findPackageRoot(), 'scenarios', 'plans');

/** A signing key as people have it. */
const makeKey = (): { readonly pem: string; readonly publicPem: string } => {
	const { privateKey, publicKey } = generateKeyPairSync('ed25519');
	return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
};

const PLAN = `name: small
approver: Dana Okafor
inventory:
  - { group: sensors, hardware: sensor-r1, version: 1.0.0, criticality: low }
  - { group: gateways, hardware: gateway-r3, version: 1.0.0, criticality: high }
pilot: 3
gates: { failures: 10%, health: { temperatureRiseC: 15 } }
soak: 3h
rollback: at-once
`;

/** One JSON object on standard output, and nothing else there. */
const readJson = (stdout: string): Readonly<Record<string, unknown>> => JSON.parse(stdout) as Readonly<Record<string, unknown>>;

test.serial('a plan that is wrong is refused by file, line and key, and nothing is written', async (t) => {
	const folder = makeFolder(t, { 'plan.yaml': PLAN.replace('soak: 3h', 'soaks: 3h').replace('pilot: 3', 'pilot: none') });
	for (const command of ['campaign', 'rehearse']) {
		const refusal = await refusalOf(t, folder, [command, 'plan.yaml']);
		t.regex(refusal, /plan\.yaml:6: pilot: .*got 'none'/);
		t.regex(refusal, /plan\.yaml:8: soaks: .*did you mean soak\?/);
	}
	t.deepEqual(readdirSync(folder), ['plan.yaml']);
});

const WRONG: readonly { readonly values: readonly string[]; readonly says: RegExp }[] = [
	{ values: ['campaign'], says: /plan: a campaign plan \(YAML\) was expected, got nothing/ },
	{ values: ['campaign', 'none.yaml'], says: /none\.yaml cannot be read: no such file/ },
	{ values: ['campaign', 'unapproved.yaml'], says: /unapproved\.yaml:1: approver: .*got nothing: without one nothing goes out/ },
	{ values: ['campaign', 'plan.yaml', '--devices', '0'], says: /--devices: / },
	{ values: ['campaign', 'plan.yaml', '--failure-rate', '2'], says: /--failure-rate: a share from 0 to 1 .*got '2'/ },
	{ values: ['campaign', 'plan.yaml', '--behaviour', 'sings'], says: /--behaviour: one of healthy, .*got 'sings'/ },
	{ values: ['campaign', 'plan.yaml', '--kill-after', '90'], says: /--kill-after: a time with its unit .*got '90'/ },
	{ values: ['campaign', 'plan.yaml', '--devices', '3', '--drift', '4'], says: /--drift: at most 3 were expected/ },
	{ values: ['campaign', 'plan.yaml', '--devices', '9', '--keep-devices', '3-12'], says: /--keep-devices: ascending numbers from 1 to 9 .*got '3-12'/ },
	{ values: ['campaign', 'plan.yaml', '--keep-devices', 'none'], says: /--keep-devices: 1 or more were expected, got 'none'/ },
	{ values: ['campaign', 'plan.yaml', '--keep-waves', '0'], says: /--keep-waves: / },
	{ values: ['campaign', 'plan.yaml', '--shrink-seconds', 'x'], says: /--shrink-seconds: / },
	{ values: ['campaign', 'newest.yaml'], says: /inventory: versions below 255\.0\.0 were expected.*got 255\.1\.0/ },
	{ values: ['campaign', 'files.yaml'], says: /release\.images\.sensor-r1: none\.bin cannot be read: no such file/ },
	{ values: ['rehearse', 'plan.yaml', '--seeds', '0'], says: /--seeds: / },
	{ values: ['rehearse', 'plan.yaml', '--compare', 'none.yaml'], says: /none\.yaml cannot be read/ },
	{ values: ['rehearse', 'plan.yaml', '--failure-rate', 'x'], says: /--failure-rate: / },
];

for (const { values, says } of WRONG) {
	test.serial(`\`${values.join(' ')}\` is wrong use, exit 2`, async (t) => {
		const folder = makeFolder(t, {
			'plan.yaml': PLAN,
			'unapproved.yaml': PLAN.replace('approver: Dana Okafor\n', ''),
			'newest.yaml': PLAN.replace('gateway-r3, version: 1.0.0', 'gateway-r3, version: 255.1.0'),
			'files.yaml': `${PLAN}release: { images: { sensor-r1: none.bin }, keys: [pub.pem] }\n`,
			'pub.pem': makeKey().publicPem,
		});
		t.regex(await refusalOf(t, folder, values), says);
	});
}

test.serial('a campaign is carried out, with its plan, waves and decisions in the output and an audit trail that verifies', async (t) => {
	const folder = makeFolder(t, { 'plan.yaml': PLAN });
	const { exitCode, stdout, stderr } = await askBlackstart(folder, ['campaign', 'plan.yaml', '--seed', '5', '--devices', '12', '--out', 'out', '--json']);
	t.is(exitCode, 0, stderr);
	const result = readJson(stdout);
	t.like(result, { verdict: 'passed', outcome: 'completed', devices: 12, succeeded: 12, approver: 'Dana Okafor', plan: { name: 'small', pilot: 3 } });
	t.true((result.decisions as readonly { readonly what: string }[]).some(({ what }) => what === 'approved'));
	t.regex(stderr, /gate go: wave 0: 3 succeeded/);
	for (const file of ['events.jsonl', 'junit.xml', 'audit.jsonl', 'audit.jsonl.head', 'coverage.json', 'campaign.json', 'campaign-state.json'])
		t.true(existsSync(join(folder, 'out', file)), file);
	t.is((await startBlackstart(folder, ['audit', 'verify', 'out/audit.jsonl'])).exitCode, 0);
	const again = await askBlackstart(folder, ['campaign', 'plan.yaml', '--seed', '5', '--devices', '12', '--out', 'out', '--json', '--kill-after', '100m']);
	t.is(again.exitCode, 0, again.stderr);
	t.regex(again.stderr, /resumed: another controller goes on/);
	t.like(readJson(again.stdout), { succeeded: 12, faults: [{ fault: 'controller-kill', armed: 1, fired: 1 }] });
	t.regex(again.stderr, /fault coverage: 1 of \d+ rows of the catalogue \(T9\)/);
});

test.serial('a kill that comes when all is over leaves no pass: exit 4, and it says so', async (t) => {
	const folder = makeFolder(t, { 'plan.yaml': PLAN });
	const values = ['campaign', 'plan.yaml', '--seed', '5', '--devices', '4', '--kill-after', '30d', '--out', 'out', '--json'];
	const { exitCode, stdout, stderr } = await askBlackstart(folder, values);
	t.is(exitCode, 4, stderr);
	t.like(readJson(stdout), { verdict: 'inconclusive', outcome: 'completed', succeeded: 4 });
	t.regex(stderr, /left no evidence: controller-kill: 1 of 1 armed never fired; all was over after 1?\d:/);
	t.like(
		readEvents(join(folder, 'out')).find(({ kind }) => kind === 'scenario-ended'),
		{ verdict: 'inconclusive', faults: [{ fault: 'controller-kill', armed: 1, fired: 0 }] },
	);
});

test.serial('an order to stop that comes after the kill is given to the controller that goes on', async (t) => {
	const folder = makeFolder(t, { 'plan.yaml': PLAN });
	const values = ['campaign', 'plan.yaml', '--seed', '5', '--devices', '4', '--kill-after', '90m', '--abort-after', '2h', '--json'];
	const { exitCode, stdout, stderr } = await askBlackstart(folder, values);
	t.is(exitCode, 1, stderr);
	t.like(readJson(stdout), {
		...{ outcome: 'halted', abortedBy: 'the person at the console', reached: 3 },
		faults: [
			{ fault: 'campaign-abort', armed: 1, fired: 1 },
			{ fault: 'controller-kill', armed: 1, fired: 1 },
		],
	});
});

test.serial('a campaign that is interrupted leaves whole reports of what there was: exit 130', async (t) => {
	const folder = makeFolder(t, { 'plan.yaml': PLAN });
	const child = startBlackstart(folder, ['campaign', 'plan.yaml', '--seed', '5', '--devices', '2000', '--out', 'out']);
	child.stdout?.once('data', () => child.kill('SIGINT'));
	const { exitCode, stdout } = await child;
	t.is(exitCode, 130);
	t.regex(stdout, /small: interrupted; what there was lies in out/);
	t.deepEqual(validateJenkinsRules(readFileSync(join(folder, 'out', 'junit.xml'), 'utf8')), []);
	t.like(readEvents(join(folder, 'out')).at(-1), { kind: 'run-ended', verdict: 'interrupted', exitCode: 130 });
	t.true(existsSync(join(folder, 'out', 'report.html')));
});

test.serial(
	'devices are what their baselines say, whatever version each runs, but for those that are to have drifted; each goes back to what it ran',
	async (t) => {
		const plan = PLAN.replace(
			'  - { group: gateways, hardware: gateway-r3, version: 1.0.0, criticality: high }',
			'  - { group: own, model: acme-1, hardware: sensor-r1, version: 1.2.0, segment: a, devices: [d-1, { id: d-2, hardware: meter-r2, model: acme-2, segment: b, version: 1.3.0 }] }',
		).replace('pilot: 3', 'pilot: 5');
		const folder = makeFolder(t, { 'plan.yaml': plan });
		const values = ['campaign', 'plan.yaml', '--seed', '5', '--devices', '5', '--drift', '1', '--behaviour', 'overheats', '--out', 'out', '--json'];
		const { stdout, stderr } = await askBlackstart(folder, values);
		const result = readJson(stdout);
		t.like(result, { outcome: 'rolled-back', drift: [{ device: 'd-1', what: 'version', expected: '1.2.0', got: '0.0.7+0' }], reached: 4, sentBack: 4 }, stderr);
		t.deepEqual(
			(result['leftOut'] as readonly { readonly device: string }[]).map(({ device }) => device),
			['d-1'],
		);
		t.deepEqual(result['notReturned'], []);
		const changelog = readJson((await startBlackstart(folder, ['audit', 'changelog', 'out/audit.jsonl', '--json'])).stdout);
		t.deepEqual(
			(changelog['groups'] as readonly { readonly group: string; readonly hardware: string; readonly versions: readonly { readonly version: string }[] }[])
				.map(({ group, hardware, versions }) => [group, hardware, versions.map(({ version }) => version).join()])
				.toSorted(),
			[
				['own', 'meter-r2', '1.3.0+0'],
				['own', 'sensor-r1', '0.0.7+0'],
				['sensors', 'sensor-r1', '1.0.0+0'],
			],
		);
	},
);

test.serial('a release that its gates stop is exit 1, with the reason', async (t) => {
	const folder = makeFolder(t, { 'plan.yaml': PLAN });
	const { exitCode, stdout, stderr } = await askBlackstart(folder, [
		'campaign',
		'plan.yaml',
		'--seed',
		'5',
		'--devices',
		'12',
		'--behaviour',
		'overheats',
		'--json',
	]);
	t.is(exitCode, 1, stderr);
	t.like(readJson(stdout), { verdict: 'failed', outcome: 'rolled-back', reached: 3, sentBack: 3 });
	const failing = await askBlackstart(folder, ['campaign', 'plan.yaml', '--seed', '5', '--devices', '12', '--failure-rate', '100%', '--json']);
	t.is(failing.exitCode, 1, failing.stderr);
	t.like(readJson(failing.stdout), { outcome: 'halted', reached: 3, failed: 3 });
});

test("a campaign sends the user's own images, one for each hardware revision", async (t) => {
	const { pem, publicPem } = makeKey();
	const key = parseSigningKey(pem);
	const image = (fill: number) => buildImage({ version: parseVersion('1.4.0'), payload: new Uint8Array(20_000).fill(fill), key });
	const plan = PLAN.replaceAll('sensor-r1', 'probe').replaceAll('gateway-r3', 'hub');
	const folder = makeFolder(t, {
		'plan.yaml': `${plan}release:\n  images: { probe: probe.bin, hub: hub.bin }\n  keys: [pub.pem]\n`,
		'probe.bin': image(1),
		'hub.bin': image(2),
		'pub.pem': publicPem,
	});
	const { exitCode, stdout, stderr } = await askBlackstart(folder, ['campaign', 'plan.yaml', '--seed', '5', '--devices', '8', '--json']);
	t.is(exitCode, 0, stderr);
	t.like(readJson(stdout), { outcome: 'completed', succeeded: 8 });
});

for (const file of readdirSync(PLANS)) {
	test.serial(`the example ${file} is carried out on a simulated fleet and rehearsed`, async (t) => {
		const folder = makeFolder(t, { 'plan.yaml': readFileSync(join(PLANS, file)) });
		const campaign = await askBlackstart(folder, ['campaign', 'plan.yaml', '--seed', '1', '--devices', '24', '--json']);
		t.is(campaign.exitCode, 0, campaign.stderr);
		const rehearsal = await askBlackstart(folder, ['rehearse', 'plan.yaml', '--devices', '200', '--seeds', '2', '--json']);
		t.is(rehearsal.exitCode, 0, rehearsal.stderr);
		t.like(readJson(rehearsal.stdout), { devices: 200, seeds: 2 });
	});
}

test.serial('two plans are rehearsed side by side, and it says how', async (t) => {
	const folder = makeFolder(t, {
		'small.yaml': PLAN.replace('pilot: 3', 'pilot: 20'),
		'large.yaml': PLAN.replace('name: small', 'name: large').replace('pilot: 3', 'pilot: 200'),
	});
	const values = ['rehearse', 'small.yaml', '--compare', 'large.yaml', '--devices', '400', '--seeds', '5', '--failure-rate', '40%'];
	const { exitCode, stdout, stderr } = await askBlackstart(folder, values);
	t.is(exitCode, 0, stderr);
	t.regex(stdout, /A bad release reaches fewest under small: /);
	t.regex(stdout, /light statistical fleet/);
	const json = readJson((await askBlackstart(folder, [...values, '--json'])).stdout) as unknown as {
		readonly how: string;
		readonly bad: { readonly reached: { readonly p50: number } };
		readonly compare: { readonly bad: { readonly reached: { readonly p50: number } } };
	};
	t.true(json.bad.reached.p50 < json.compare.bad.reached.p50);
	t.regex(json.how, /no MQTT, flash or image is simulated/);
});

test.serial('a state file gives back what was saved, nothing where there is none, and refuses what is no state', (t) => {
	const folder = makeFolder(t, { 'bad.json': '{"planDigest":', 'other.json': '{"name":"x"}' });
	const store = createFileStore(join(folder, 'state.json'));
	t.is(store.load(), undefined);
	const state: CampaignState = {
		campaign: 'c',
		planDigest: 'd',
		startedMs: 1,
		approver: 'a',
		reservation: 'reservation-1',
		drift: [],
		leftOut: [],
		updatedBefore: [],
		waves: [],
		phase: 'waves',
		jobs: 2,
		back: [],
		notReturned: [],
	};
	store.save(state);
	store.save({ ...state, jobs: 3 });
	t.is(store.load()?.jobs, 3);
	t.deepEqual(readdirSync(folder).sort(), ['bad.json', 'other.json', 'state.json']);
	for (const name of ['bad.json', 'other.json'])
		t.throws(() => createFileStore(join(folder, name)).load(), { message: /the JSON state of a campaign was expected/ });
});
