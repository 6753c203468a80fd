import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import yargs from 'yargs';
import { parseImage, parseVersion, readBehaviour } from '../../firmware/index.js';
import { loadVectors, vectorFolder, vectorKeyFile } from '../../firmware/vector-fixtures.js';
import { UsageError } from '../usage-error.js';
import { createImageCommand } from './image-command.js';

const folder = mkdtempSync(join(tmpdir(), 'blackstart-image-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string): string => join(folder, name);
const vector = (file: string): string => join(vectorFolder(), file);
const edKey = vectorKeyFile('ed25519-A');

const privateKeys = {
	ed25519: generateKeyPairSync('ed25519'),
	ecdsa: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
	rsa3072: generateKeyPairSync('rsa', { modulusLength: 3072 }),
};
for (const [name, pair] of Object.entries(privateKeys)) {
	writeFileSync(place(`${name}.pem`), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
	writeFileSync(place(`${name}.pub.pem`), pair.publicKey.export({ type: 'spki', format: 'pem' }));
}
const payload = place('app.bin');
writeFileSync(payload, Buffer.alloc(3000, 0x5a));
writeFileSync(place('empty.bin'), '');
writeFileSync(place('random.bin'), Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 89 + 7) & 0xff)));
writeFileSync(place('notakey.pem'), 'hello\n');

interface Outcome {
	readonly exitCode: number | undefined;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs the command below a yargs of its own, set up as a command line is: with a version and an exit code of 2 for wrong use. */
const run = async (...args: readonly string[]): Promise<Outcome> => {
	let exitCode: number | undefined;
	const [stdout, stderr]: [string[], string[]] = [[], []];
	const command = createImageCommand({
		print: (text) => stdout.push(text),
		printAside: (text) => stderr.push(text),
		setExitCode: (code) => {
			exitCode = code;
		},
	});
	try {
		await yargs(['image', ...args])
			.scriptName('blackstart')
			.version('9.9.9')
			.exitProcess(false)
			.command(command)
			.strict()
			.fail(toUsageError)
			.parseAsync();
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		exitCode = 2;
		stderr.push(error.message);
	}
	return { exitCode, stdout: stdout.join('\n'), stderr: stderr.join('\n') };
};

const toUsageError = (message: string, error: Error | undefined): never => {
	throw error ?? new UsageError(message);
};

for (const { file, signedWith, bootloader } of loadVectors()) {
	test(`verify gives ${bootloader === 'accept' ? 0 : 1} for ${file}, in one line`, async (t) => {
		const outcome = await run('verify', vector(file), '--key', vectorKeyFile(signedWith), '--slot-size', '0x4000', '--write-size', '4');
		t.is(outcome.exitCode, bootloader === 'accept' ? 0 : 1);
		t.regex(outcome.stdout, bootloader === 'accept' ? /^accepted: / : /^rejected: /);
		t.false(outcome.stdout.includes('\n'));
		t.is(outcome.stderr, '');
	});

	test(`inspect reads ${file} without a key, or says what is wrong`, async (t) => {
		const outcome = await run('inspect', vector(file));
		const isBroken = ['c-hdr-imgsize-huge.bin', 'c-trunc-half.bin', 'c-tlvtot-big.bin', 'c-html.bin'].includes(file);
		t.is(outcome.exitCode, isBroken ? 1 : 0, outcome.stderr);
		t.is(outcome.stderr.startsWith('error: '), isBroken);
		if (file !== 'c-html.bin') t.regex(outcome.stdout, /0x0014 {2}version +\d/);
	});
}

for (const [what, args, pattern] of [
	['an empty file', [place('empty.bin')], /header.*size is 0: empty/],
	['random bytes', [place('random.bin')], /header\.magic: magic/],
	['a wrong key', [vector('ec256-plain.bin')], /KEYHASH .* none of the 1 trusted keys/],
	['a slot that is too small', [vector('ed-plain.bin'), '--slot-size', '5239'], /size 3656 with a trailer of 1584 exceeds the slot size 5239/],
	['a TLV off the allow-list', [vector('c-seccnt-unprot.bin'), '--allow-list'], /SEC_CNT .*not allowed/],
] as const) {
	test(`verify rejects ${what} with 1 and says why`, async (t) => {
		const outcome = await run('verify', ...args, '--key', edKey);
		t.is(outcome.exitCode, 1);
		t.regex(outcome.stdout, pattern);
	});
}

for (const [what, args, pattern] of [
	['no file', ['--key', edKey], /positional|arguments/],
	['a file that is not there', [place('none.bin'), '--key', edKey], /no such file: .*none\.bin/],
	['a folder', [folder, '--key', edKey], /not a file but a folder/],
	['a device', ['/dev/zero', '--key', edKey], /not a file: \/dev\/zero/],
	['no key', [vector('ed-plain.bin')], /key/],
	['a key that is not there', [vector('ed-plain.bin'), '--key', place('none.pem')], /--key: no such file: .*none\.pem/],
	['a key that is none', [vector('ed-plain.bin'), '--key', place('notakey.pem')], /--key .*notakey\.pem: key: a public key in PEM or DER was expected/],
	['one good key and one that is none', [vector('ed-plain.bin'), '--key', edKey, '--key', payload], /key: a public key/],
	['a slot size in words', [vector('ed-plain.bin'), '--key', edKey, '--slot-size', 'big'], /--slot-size: a whole number .* got "big"/],
	['a negative slot size', [vector('ed-plain.bin'), '--key', edKey, '--slot-size=-1'], /--slot-size: .* got "-1"/],
	['a slot size of 0', [vector('ed-plain.bin'), '--key', edKey, '--slot-size', '0'], /--slot-size/],
	['an empty slot size', [vector('ed-plain.bin'), '--key', edKey, '--slot-size='], /--slot-size/],
	['two slot sizes', [vector('ed-plain.bin'), '--key', edKey, '--slot-size', '1', '--slot-size', '2'], /--slot-size: one value/],
	['a write size of 3', [vector('ed-plain.bin'), '--key', edKey, '--write-size', '3'], /--write-size: 1, 2, 4/],
	['an unknown flag', [vector('ed-plain.bin'), '--key', edKey, '--slotsize', '9'], /slotsize/],
] as const) {
	test(`verify with ${what} is wrong use: 2`, async (t) => {
		const outcome = await run('verify', ...args);
		t.is(outcome.exitCode, 2);
		t.regex(outcome.stderr, pattern);
		t.notRegex(outcome.stderr, /\n\s+at /, 'no stack');
		t.is(outcome.stdout, '');
	});
}

test('an unreadable file is wrong use', async (t) => {
	if (process.getuid?.() === 0) {
		t.pass('root reads everything');
		return;
	}
	const file = place('secret.bin');
	writeFileSync(file, 'x');
	chmodSync(file, 0);
	const outcome = await run('verify', file, '--key', edKey);
	t.is(outcome.exitCode, 2);
	t.regex(outcome.stderr, /permission denied/);
});

test('verify takes several keys and names the one that signed', async (t) => {
	const [b, ec] = [vectorKeyFile('ed25519-B'), vectorKeyFile('ecdsa-p256-A')];
	const outcome = await run('verify', vector('ed-sec3.bin'), '--key', b, '--key', ec, '--key', edKey, '--json');
	t.is(outcome.exitCode, 0);
	const data = JSON.parse(outcome.stdout);
	t.deepEqual(data, { file: vector('ed-sec3.bin'), verdict: 'accepted', version: '1.1.0+0', sizeBytes: 3668, securityCounter: 3, keys: [edKey] });
	t.regex(outcome.stderr, /^accepted: /);
});

test('verify gives a rejection as JSON with its code and field', async (t) => {
	const outcome = await run('verify', vector('c-payload-bit.bin'), '--key', edKey, '--json');
	t.is(outcome.exitCode, 1);
	t.like(JSON.parse(outcome.stdout), { verdict: 'rejected', code: 'bad-hash', field: 'SHA256' });
	t.regex(outcome.stderr, /^rejected: /);
});

test('inspect shows fields and TLVs in aligned columns', async (t) => {
	const { stdout } = await run('inspect', vector('ed-vidcid.bin'));
	const lines = stdout.split('\n');
	for (const line of [
		'  0x0008  header size         512 (0x200)',
		'  0x000a  protected TLV size  44 (0x2c)',
		'  0x0014  version             1.0.0+0',
		'  offset  area         type    name      length  data',
		'  0x0dbc  protected    0x0074  UUID_VID  16      cfbff0d1-9375-5685-968c-48ce8b15ae17',
		'  0x0e0c  unprotected  0x0001  KEYHASH   32      bce5713ba91fcac313c685a5444c5db2451619844e6166e8d14af18b46312625',
		'digest: right',
	]) {
		t.true(lines.includes(line), `${line}\nwas expected in\n${stdout}`);
	}
	t.true(lines[0]?.endsWith('ed-vidcid.bin: 3700 bytes, the image takes 3700'));
});

test('inspect tells what follows the image', async (t) => {
	t.regex((await run('inspect', vector('ed-pad.bin'))).stdout, /after the image: a trailer that asks for a trial/);
	t.regex((await run('inspect', vector('ed-confirm.bin'))).stdout, /asks for good/);
	t.regex((await run('inspect', vector('c-payload-bit.bin'))).stdout, /digest: WRONG/);
	t.notRegex((await run('inspect', vector('ed-plain.bin'))).stdout, /after the image/);
});

test('inspect shows what it could read of a damaged image, then the error, and ends with 1', async (t) => {
	const outcome = await run('inspect', vector('c-tlvtot-big.bin'), '--json');
	t.is(outcome.exitCode, 1);
	const data = JSON.parse(outcome.stdout);
	t.deepEqual(
		data.tlvs.map((tlv: { name: string }) => tlv.name),
		['SHA256', 'KEYHASH', 'ED25519'],
	);
	t.like(data.error, { code: 'truncated', field: 'tlv', offset: 3656 });
	t.regex(outcome.stderr, /error: .*TLV header lies past the end/);
	t.is((await run('inspect', place('empty.bin'))).exitCode, 1);
	const missing = await run('inspect', place('none.bin'));
	t.is(missing.exitCode, 2);
	t.regex(missing.stderr, /no such file: .*none\.bin/);
});

for (const name of Object.keys(privateKeys)) {
	test(`what sign makes with a key of ${name}, verify accepts with its public half and inspect reads`, async (t) => {
		const out = place(`signed-${name}.bin`);
		const signed = await run('sign', payload, '--key', place(`${name}.pem`), '--version', '1.2.3+4', '--out', out, '--security-counter', '7');
		t.is(signed.exitCode, 0, signed.stderr);
		t.regex(signed.stdout, /^wrote .*version 1\.2\.3\+4/);
		t.is((await run('verify', out, '--key', place(`${name}.pub.pem`))).exitCode, 0);
		t.is((await run('verify', out, '--key', edKey)).exitCode, 1);
		t.regex((await run('inspect', out)).stdout, /SEC_CNT +4 +7\n/);
		t.deepEqual(Buffer.from(parseImage(new Uint8Array(readFileSync(out))).payload), readFileSync(payload));
	});
}

test('every option of sign reaches the image', async (t) => {
	const out = place('full.bin');
	const options = [
		'--header-size',
		'64',
		'--security-counter',
		'auto',
		'--dependency',
		'(1, 1.2.3+4)',
		'--dependency',
		'(2,3)',
		'--behaviour',
		'hangs-at-boot',
	];
	const identity = ['--vendor-id', 'example.com', '--class-id', 'gizmo', '--confirm', '--slot-size', '16384', '--json'];
	const outcome = await run('sign', payload, '--key', place('ed25519.pem'), '--version', '2.1', '--out', out, ...options, ...identity);
	t.is(outcome.exitCode, 0, outcome.stderr);
	t.like(JSON.parse(outcome.stdout), { file: out, version: '2.1.0+0', sizeBytes: 16384, kind: 'ed25519' });
	const image = parseImage(new Uint8Array(readFileSync(out)));
	const twin = parseImage(loadVectors().find((each) => each.file === 'ed-vidcid.bin')!.bytes);
	t.is(image.header.headerSizeBytes, 64);
	t.is(image.securityCounter, 0x02010000);
	t.deepEqual(image.dependencies, [
		{ imageId: 1, version: parseVersion('1.2.3+4') },
		{ imageId: 2, version: parseVersion('3') },
	]);
	t.deepEqual(Buffer.from(image.vendorId!), Buffer.from(twin.vendorId!));
	t.deepEqual(Buffer.from(image.classId!), Buffer.from(twin.classId!));
	t.is(readBehaviour(image), 'hangs-at-boot');
	t.regex((await run('inspect', out)).stdout, /asks for good/);
});

test('sign writes PAYLOAD.signed.bin by default, whole, and leaves a file that is there unless forced', async (t) => {
	const own = place('own.bin');
	writeFileSync(own, Buffer.alloc(10, 1));
	const args = ['sign', own, '--key', place('ed25519.pem'), '--version', '1.0.0'];
	t.is((await run(...args)).exitCode, 0);
	const first = readFileSync(place('own.signed.bin'));
	const again = await run('sign', own, '--key', place('ed25519.pem'), '--version', '1.0.1');
	t.is(again.exitCode, 2);
	t.regex(again.stderr, /own\.signed\.bin is there already; --force overwrites it/);
	t.deepEqual(readFileSync(place('own.signed.bin')), first);
	t.is((await run('sign', own, '--key', place('ed25519.pem'), '--version', '1.0.1', '--force')).exitCode, 0);
	t.notDeepEqual(readFileSync(place('own.signed.bin')), first);
	t.deepEqual(
		readdirSync(folder).filter((name) => name.includes('partial')),
		[],
	);
});

for (const [what, args, pattern] of [
	['no version', [], /version/],
	['a version that is none', ['--version', '1.x'], /--version: version: major\.minor\.revision\+build was expected, got "1\.x"/],
	['a version out of range', ['--version', '256.0.0'], /version major: .*got 256/],
	['a counter in words', ['--version', '1', '--security-counter', 'many'], /--security-counter: a whole number or auto/],
	['a counter out of range', ['--version', '1', '--security-counter', '4294967296'], /--security-counter/],
	['a dependency without parentheses', ['--version', '1', '--dependency', '1,1.2.3'], /--dependency: .*got "1,1\.2\.3"/],
	['a dependency on a version that is none', ['--version', '1', '--dependency', '(1, a)'], /--dependency: version/],
	['a class without a vendor', ['--version', '1', '--class-id', 'gizmo'], /--class-id: .*--vendor-id/],
	['padding without a slot', ['--version', '1', '--pad'], /--pad: .*--slot-size/],
	['a slot that is too small to pad', ['--version', '1', '--confirm', '--slot-size', '4096'], /slotSizeBytes|slot size 4096/],
	['a slot that is too small', ['--version', '1', '--slot-size', '4096'], /--slot-size: image size 3656 .* exceeds 4096/],
	['a behaviour nobody knows', ['--version', '1', '--behaviour', 'explodes'], /behaviour/],
	['a header size of 16', ['--version', '1', '--header-size', '16'], /--header-size: .*from 32 to 65535/],
	['a folder that is not there', ['--version', '1', '--out', place('no/where.bin')], /--out: no such folder/],
	['a folder for a file', ['--version', '1', '--out', folder, '--force'], /--out: a file was expected, got a folder/],
	['a public key', ['--version', '1', '--key', place('ed25519.pub.pem')], /key/],
] as const) {
	test(`sign with ${what} is wrong use and writes nothing`, async (t) => {
		const out = place(`wrong-${what.replaceAll(' ', '-')}.bin`);
		const key = args.some((arg) => arg === '--key') ? [] : ['--key', place('ed25519.pem')];
		const outcome = await run('sign', payload, ...key, ...(args.some((arg) => arg === '--out') ? [] : ['--out', out]), ...args);
		t.is(outcome.exitCode, 2);
		t.regex(outcome.stderr, pattern);
		t.false(existsSync(out));
	});
}

test('sign refuses an empty payload and one that is not there', async (t) => {
	const rest = ['--key', place('ed25519.pem'), '--version', '1'];
	t.regex((await run('sign', place('empty.bin'), ...rest)).stderr, /a binary was expected, the file is empty/);
	t.regex((await run('sign', place('none.bin'), ...rest)).stderr, /no such file/);
});

test('image alone, and image with a command nobody knows, are wrong use', async (t) => {
	t.is((await run()).exitCode, 2);
	const outcome = await run('sing', payload);
	t.is(outcome.exitCode, 2);
});

for (const command of ['sign', 'inspect', 'verify']) {
	test(`the help of ${command} teaches by example`, async (t) => {
		const imageCommand = createImageCommand({ print: () => {}, printAside: () => {}, setExitCode: () => {} });
		const help = await new Promise<string>((resolve, reject) => {
			yargs()
				.scriptName('blackstart')
				.command(imageCommand)
				.parse(['image', command, '--help'], {}, (error: unknown, _argv: unknown, text: string) => (error ? reject(error) : resolve(text)));
		});
		t.regex(help, new RegExp(`Examples:\\s+blackstart image ${command} `));
	});
}
