import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { buildImage, createSigningKey } from '../firmware/index.js';
import { makeFolder, readVerdicts, refusalOf, startBlackstart } from './blackstart.test.support.js';
import { findPackageRoot } from './package-root.js';
import { nearestNames } from './run/nearest-names.js';

const VECTORS = join(findPackageRoot(), 'harness/firmware/vectors');
const PLAIN = `import { scenario } from 'blackstart';
scenario('holds', { needs: [] }, async (c) => c.expect(true, ''));
`;

const WRONG: readonly { readonly values: readonly string[]; readonly says: RegExp }[] = [
	{ values: [], says: /a command was expected: run, list, replay, campaign, rehearse, explore, sweep, module, museum, report, image, audit or rig/ },
	{ values: ['frobnicate'], says: /unknown .*frobnicate/ },
	{ values: ['--frobnicate'], says: /a command was expected: .*got --frobnicate/ },
	{ values: ['run', '--tap', '--json'], says: /--tap: stdout belongs to one of --tap and --json/ },
	{ values: ['list', 'packet-loss', '--faults'], says: /--faults: the whole catalogue of faults is listed, got packet-loss besides/ },
	{ values: ['image', 'verify', join(VECTORS, 'ed-plain.bin')], says: /--key: it is required/ },
	{ values: ['image', 'verify', join(VECTORS, 'ed-plain.bin'), '--key', join(VECTORS, 'keys/ed25519-A.pub.pem'), '--slot-size', 'big'], says: /--slot-size: / },
	{ values: ['run', '--frobnicate'], says: /[Uu]nknown.*frobnicate/ },
	{ values: ['run', '--devices', '-5'], says: /--devices: a whole number from 1 .*got '-5'/ },
	{ values: ['run', '--devices', '0'], says: /--devices: .*got '0'/ },
	{ values: ['run', '--devices', '1.5'], says: /--devices: .*got '1\.5'/ },
	{ values: ['run', '--devices'], says: /--devices: a value was expected/ },
	{ values: ['image', 'verify', '--key', 'x'], says: /image verify: 1 argument was expected, got nothing/ },
	{ values: ['rig', 'power', 'b1'], says: /rig power b1: 2 arguments were expected, got 1/ },
	{ values: ['run', '--seed', 'banana'], says: /--seed: a whole number from 0 .*got 'banana'/ },
	{ values: ['run', '--seed', '9007199254740993'], says: /--seed: .*got '9007199254740993'/ },
	{ values: ['run', '--seed', '1', '--shard', '3/3'], says: /--shard: .*from 0\/N to N-1\/N.*got '3\/3'/ },
	{ values: ['run', '--speed', '3'], says: /--speed: it goes with --time real/ },
	{ values: ['run', '--time', 'real', '--broker', 'mqtt://127.0.0.1'], says: /--broker: it goes with --time real --transport tcp/ },
	{
		values: ['run', '--time', 'real', '--transport', 'tcp', '--broker', 'http://127.0.0.1'],
		says: /--broker: a URL like mqtt:\/\/127\.0\.0\.1:1883 was expected/,
	},
	{ values: ['run', '--time', 'real', '--transport', 'tcp', '--broker', 'mqtts://host'], says: /--broker: mqtts:\/\/ goes with --transport tls/ },
	{ values: ['run', '--time', 'real', '--transport', 'tls', '--broker', 'mqtt://host'], says: /--broker: mqtt:\/\/ goes with --transport tcp/ },
	{ values: ['run', '--time', 'real', '--transport', 'tcp', '--mqtt', '5'], says: /--mqtt: Aedes speaks 3\.1\.1 alone/ },
	{
		values: ['run', '--time', 'real', '--faults-at', 'device'],
		says: /--faults-at: without sockets there is no proxy: device goes with --transport tcp or tls/,
	},
	{ values: ['run', '--time', 'real', '--loss', 'real'], says: /--loss: packets are there to be dropped with --time real --transport tcp or tls/ },
	{
		values: ['run', '--time', 'real', '--transport', 'tcp', '--loss', 'real', '--broker', 'mqtt://host'],
		says: /--loss: real goes with a network of its own, in which no broker of yours is/,
	},
	{ values: ['run', '--time', 'real', '--transport', 'tcp', '--broker', 'mqtt://me:secret@host'], says: /--broker: no credentials were expected/ },
	{
		values: ['run', '--time', 'real', '--transport', 'tcp', '--broker', 'mqtt://host', '--broker-engine', 'mosquitto'],
		says: /--broker-engine: .* exclude each other/,
	},
	{ values: ['run', '--transport', 'tcp'], says: /--transport: tcp goes with --time real/ },
	{ values: ['run', '--time', 'real', '--speed', '0'], says: /--speed: a number above 0 and up to 100 was expected, got '0'/ },
	{ values: ['run', '--shard', '0/3'], says: /--shard: it goes with --seed/ },
	{ values: ['run', '--seed', '1', '--seed', '2'], says: /--seed: it was given 2 times/ },
	{ values: ['run', '--jobs', '0'], says: /--jobs: / },
	{ values: ['run', '--timeout', '90'], says: /--timeout: a time with its unit .*got '90'/ },
	{ values: ['run', '--ci', 'travis'], says: /ci.*travis/s },
	{ values: ['run', 'no-such-scenario'], says: /no such scenario: no-such-scenario; did you mean [a-z-]+/ },
	{ values: ['run', 'no-such-file.ts'], says: /no such scenario file: no-such-file\.ts/ },
	{ values: ['run', 'syntax.ts'], says: /syntax\.ts cannot be imported: syntax\.ts:3:\d+: / },
	{ values: ['run', 'sp äce/syntax.ts'], says: /sp äce\/syntax\.ts cannot be imported: sp äce\/syntax\.ts:1:\d+: / },
	{ values: ['run', 'sp äce/twice.ts'], says: /sp äce\/twice\.ts cannot be imported: sp äce\/twice\.ts:3: TypeError: scenario 'x' is declared twice/ },
	{ values: ['run', 'good.ts', '--out', 'notes.txt'], says: /--out: a folder was expected, got notes\.txt, which is a file/ },
	{ values: ['run', 'good.ts', '--out', 'notes.txt/deeper'], says: /--out: the folder notes\.txt\/deeper cannot be created \(ENOTDIR\)/ },
	{ values: ['run', 'good.ts', '--out', '/proc/none/deeper'], says: /--out: the folder \/proc\/none\/deeper cannot be created/ },
	{ values: ['run', 'throws.ts'], says: /throws\.ts cannot be imported: throws\.ts:2: TypeError: .*undefined/ },
	{ values: ['run', 'needs.ts'], says: /needs\.ts:2: TypeError: scenario 'flies': needs: a capability was expected .*got 'wings'/ },
	{ values: ['run', 'exits.ts'], says: /exits\.ts cannot be listed: it ended the process/ },
	{ values: ['run', 'empty.ts'], says: /empty\.ts declares no scenario/ },
	{ values: ['run', 'notes.txt'], says: /a scenario file ends in \.ts/ },
	{ values: ['run', 'good.ts', 'other/good.ts'], says: /both 'good'/ },
	{ values: ['run', '--image', 'nothing.bin', '--key', join(VECTORS, 'keys/ed25519-A.pub.pem')], says: /--image: nothing\.bin cannot be read: no such file/ },
	{ values: ['run', '--image', join(VECTORS, 'ed-plain.bin')], says: /--image: it needs --key/ },
	{ values: ['run', '--key', join(VECTORS, 'keys/ed25519-A.pub.pem')], says: /--key: it goes with --image/ },
	{ values: ['run', '--image', join(VECTORS, 'ed-plain.bin'), '--key', 'notes.txt'], says: /--key: notes\.txt holds no public key/ },
	{
		values: ['run', '--image', join(VECTORS, 'ed-plain.bin'), '--key', join(VECTORS, 'keys/ed25519-B.pub.pem')],
		says: /--image: the key does not accept .*ed-plain\.bin, so every device would refuse it: /,
	},
	{
		values: ['run', '--image', 'huge.bin', '--key', 'huge.pem'],
		says: /--image: huge\.bin: no device profile holds an image of \d+ bytes: the largest slot is 16777216 bytes/,
	},
	{ values: ['replay'], says: /a case like .* was expected, got ''/ },
	{ values: ['replay', 'garbage'], says: /a case like .* was expected, got 'garbage'.*example: blackstart replay/s },
	{ values: ['replay', 'good.ts/no-such-case:seed=1:devices=1'], says: /good\.ts has no case 'no-such-case'/ },
	{
		values: ['replay', `good.ts/holds:seed=1:devices=1:image=${VECTORS}/ed-plain.bin@000000000000:key=${VECTORS}/keys/ed25519-A.pub.pem`],
		says: /case: image=.* has changed since the case was written/,
	},
];

test('wrong use is exit code 2, one message that names what was expected, and never a stack', async (t) => {
	const key = createSigningKey(new Uint8Array(32));
	const folder = makeFolder(t, {
		'good.ts': PLAIN,
		'other/good.ts': PLAIN,
		'syntax.ts': `import { scenario } from 'blackstart';\nconst one: number = 1;\nscenario('x', { needs: [ }, async () => {});\n`,
		'throws.ts': `const nothing = undefined as unknown as { x: number };\nconsole.log(nothing.x);\n`,
		'needs.ts': `import { scenario } from 'blackstart';\nscenario('flies', { needs: ['wings' as 'fleet'] }, async () => {});\n`,
		'exits.ts': 'process.exit(0);\n',
		'sp äce/syntax.ts': 'const = 1;\n',
		'sp äce/twice.ts': `import { scenario } from 'blackstart';\nscenario('x', { needs: [] }, async () => {});\nscenario('x', { needs: [] }, async () => {});\n`,
		'empty.ts': 'export const one = 1;\n',
		'notes.txt': 'nothing\n',
		'huge.bin': buildImage({ payload: new Uint8Array(16 * 1024 * 1024), version: { major: 1, minor: 0, revision: 0, build: 0 }, key }),
		'huge.pem': key.verifyingKey.publicKey.export({ type: 'spki', format: 'pem' }),
	});
	for (const { values, says } of WRONG) {
		t.regex(await refusalOf(t, folder, values), says, values.join(' '));
	}
	for (const { values, says } of WRONG.filter(({ values: [command, flag] }) => command === 'frobnicate' || flag === 'syntax.ts' || flag === 'garbage')) {
		const { exitCode, stdout, stderr } = await startBlackstart(folder, values);
		t.is(exitCode, 2, `${values.join(' ')}\n${stderr}`);
		t.regex(stderr, says, values.join(' '));
		t.notRegex(stderr + stdout, /^\s+at .*\.(js|ts):/m, values.join(' '));
	}
	t.deepEqual(
		readdirSync(folder).filter((name) => name === 'reports'),
		[],
		'nothing was run',
	);
});

test('a mistyped name is answered with the nearest', (t) => {
	t.deepEqual(nearestNames('paket-loss', ['bad-release', 'packet-loss', 'power-loss']), ['packet-loss', 'power-loss']);
	t.deepEqual(nearestNames('no-such-scenario', ['packet-loss']), ['packet-loss'], 'the nearest there is, however far');
});

test('every command has help with examples', async (t) => {
	const folder = makeFolder(t, {});
	for (const values of [[], ['run'], ['list'], ['replay']]) {
		const { exitCode, stdout } = await startBlackstart(folder, [...values, '--help']);
		t.is(exitCode, 0);
		t.regex(stdout, /Examples:\s+blackstart /, values.join(' '));
	}
	t.regex((await startBlackstart(folder, ['--version'])).stdout, /^\d+\.\d+\.\d+$/);
});

test('flags with a hyphen reach the commands for images', async (t) => {
	const folder = makeFolder(t, { 'app.bin': 'payload', 'key.pem': generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) });
	const image = (...values: string[]) => startBlackstart(folder, ['image', ...values]);
	const sign = await image('sign', 'app.bin', '--key', 'key.pem', '--version', '1.2.3', '--security-counter', '7', '--header-size', '0x40', '--json');
	t.is(sign.exitCode, 0, sign.stderr);
	const { size } = statSync(join(folder, 'app.signed.bin'));
	t.regex((await image('inspect', 'app.signed.bin')).stdout, /SEC_CNT.*7/);
	// The trailer of a flash that writes 4 bytes at once takes 1584 bytes.
	for (const [slotSize, exitCode] of [
		[size + 1583, 1],
		[size + 1584, 0],
	] as const) {
		t.is((await image('verify', 'app.signed.bin', '--key', 'key.pem', '--slot-size', String(slotSize))).exitCode, exitCode, `${slotSize}`);
	}
});

test('TypeScript of the user runs from any folder, also in a CommonJS package, with imports as TypeScript writes them', async (t) => {
	const folder = makeFolder(t, {
		'package.json': '{ "type": "commonjs" }',
		'deep/mine.ts': `import { scenario, type ScenarioContext } from 'blackstart';
import { wanted } from './facts.js';
import { doubled } from './more';
scenario('knows', { needs: [] }, async (context: ScenarioContext): Promise<void> => {
	context.expect(doubled(wanted satisfies number) === 84, 'wanted 84');
	context.evidence('directory', process.cwd().endsWith('deep') ? 'deep' : 'elsewhere');
});`,
		'deep/facts.ts': 'export const wanted: number = 42;\n',
		'deep/more.ts': 'export const doubled = (n: number): number => n * 2;\n',
	});
	const { exitCode, stdout, stderr } = await startBlackstart(join(folder, 'deep'), ['run', 'mine.ts', '--tap']);
	t.is(exitCode, 0, stderr);
	t.regex(stdout, /^TAP version 1[34]\n[\s\S]*^ok 1 /m);
	t.regex(stdout, /^1\.\.1$/m);
	t.deepEqual(readVerdicts(join(folder, 'deep/reports/runs/latest')), { 'mine: knows': 'passed' });
	t.regex(readFileSync(join(folder, 'deep/reports/runs/latest/events.jsonl'), 'utf8'), /"value":"deep"/);

	const listed = await startBlackstart(folder, ['list', 'deep/mine.ts', '--json']);
	t.deepEqual(JSON.parse(listed.stdout), [
		{ scenario: 'mine', file: 'deep/mine.ts', cases: [{ title: 'knows', slug: 'knows', needs: [], independent: false }] },
	]);
});

test('every row of the fault catalogue is listed with how it is exercised or why not, for people and for machines', async (t) => {
	const folder = makeFolder(t, {});
	const text = (await startBlackstart(folder, ['list', '--faults'])).stdout;
	t.regex(text, /^P10 {2}power lost inside the confirm\n {7}in runs: power cut \(record\) while testing$/m);
	t.regex(text, /^P8 {3}.*\n {7}not exercised: .*needs a board/m);
	const rows = JSON.parse((await startBlackstart(folder, ['list', '--faults', '--json'])).stdout) as {
		id: string;
		inRuns: string[];
		elsewhere: string[];
		whyNot?: string;
	}[];
	t.is(rows.length, 80);
	t.true(rows.every(({ inRuns, elsewhere, whyNot }) => (inRuns.length + elsewhere.length === 0) === (whyNot !== undefined)));
	const reasons = rows.filter(({ whyNot }) => whyNot !== undefined).length;
	t.true(text.trimEnd().endsWith(`80 rows: ${80 - reasons} are exercised, ${reasons} are not, for the reasons given`));
});
