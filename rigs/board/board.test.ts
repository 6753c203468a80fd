import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import fc from 'fast-check';
import type { BlackstartEvent } from '../../harness/events/index.js';
import type { ConsoleMatch, ConsolePattern, ConsolePort } from '../../harness/ports/index.js';
import { openSerialConsole } from '../drivers/console/index.js';
import { openFarEnd } from '../drivers/far-end.test.support.js';
import { type BoardSpec, openRigFile } from '../rig-file/index.js';
import { CONSOLE_ERROR_CODES } from '../drivers/console/index.js';
import { FLASHER_ERROR_CODES } from '../drivers/flasher/index.js';
import { GPIO_ERROR_CODES } from '../drivers/gpio/index.js';
import { POWER_ERROR_CODES } from '../drivers/power/index.js';
import { GATEWAY_ERROR_CODES } from '../gateway/index.js';
import { GUARDIAN_ERROR_CODES } from '../guardian/index.js';
import { LEASE_ERROR_CODES } from '../leases/index.js';
import { BOARD_ERROR_CODES, BoardError } from './board-error.js';
import { createReleaseBook } from './board-releases.js';
import { BoardTalk } from './board-talk.js';
import { listCapabilities } from './capabilities.js';
import { Closers } from './closers.js';
import { promptStart } from './conversation.js';
import { LineWatch } from './line-watch.js';
import { nameGroups } from './named-groups.js';

import { toPowerOptions } from './power-options.js';
import { PreparationGate } from './preparation-gate.js';
import { crc16, sendPages } from './transfer/index.js';

const RIGS = fileURLToPath(new URL('../../../rigs/', import.meta.url));
const ENVIRONMENT = new Proxy({}, { get: () => 'secret' }) as Record<string, string>;

test('groups of a pattern have their names, whatever else is in it', (t) => {
	for (const [pattern, text] of [
		[/^version (?<version>\S+)/m, 'version 1.2'],
		[/\((a)(?<b>b)(?:c)(?<d>[()])/, '(abc('],
		[/(?<=x)(?<one>\d)(?!z)(?<two>\d)?/, 'x7'],
		[/[(?<no>](?<yes>.)\\(?<also>.)/, '<y\\z'],
	] as const) {
		const match = pattern.exec(text) as RegExpExecArray;
		t.truthy(match, String(pattern));
		t.deepEqual(nameGroups(pattern, match.slice(1)), Object.fromEntries(Object.entries(match.groups ?? {}).filter(([, value]) => value !== undefined)));
	}
	t.is(promptStart(/^> $/m).source, '^> ');
	t.is(promptStart(/cost \$/).source, 'cost \\$');
});

test('the CRC of a page is the one of XMODEM', (t) => {
	t.is(crc16(Buffer.from('123456789')), 0x31c3);
	t.is(crc16(new Uint8Array()), 0);
});

/** A board's side of an upload: keeps pages whose CRC holds, and answers as told where `misbehave` says so. */
const openUpload = (misbehave: (line: string, attempt: number) => string | undefined) => {
	const pages = new Map<number, Buffer>();
	let said = '';
	let lines = 0;
	const answer = (line: string): string => {
		const given = misbehave(line, lines++);
		if (given !== undefined) return given;
		const number = Number.parseInt(line.slice(1, 5), 16);
		const bytes = Buffer.from(line.slice(5, -4), 'hex');
		const head = Buffer.from(line.slice(1, 5), 'hex');
		if (crc16(Buffer.concat([head, bytes])) !== Number.parseInt(line.slice(-4), 16)) return `-${line.slice(1, 5)} crc`;
		pages.set(number, bytes);
		return `+${line.slice(1, 5)}`;
	};
	const console: Pick<ConsolePort, 'mark' | 'send' | 'expect'> = {
		mark: () => ({ offsetBytes: said.length, atMs: 0 }),
		send: async (data) => {
			said += `${answer(String(data).trim())}\r\n`;
		},
		expect: async (patterns, { from }): Promise<ConsoleMatch> => {
			const list = (Array.isArray(patterns) ? patterns : [patterns]) as readonly ConsolePattern[];
			const text = said.slice(from?.offsetBytes ?? 0);
			for (const [index, pattern] of list.entries()) {
				const match = (pattern as RegExp).exec(text);
				if (match) return { index, text: match[0], groups: match.slice(1), end: { offsetBytes: said.length, atMs: 0 } };
			}
			throw new Error(`nothing of ${list.join(' or ')} in ${JSON.stringify(text)}`);
		},
	};
	return { pages, console: console as ConsolePort, lines: () => lines };
};

test('an image goes over the console page by page, a garbled one again, and comes together whole', async (t) => {
	await fc.assert(
		fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 1000 }), fc.integer({ min: 0, max: 6 }), async (image, garbled) => {
			const { pages, console } = openUpload((line, attempt) => (attempt === garbled ? `-${line.slice(1, 5)} crc` : undefined));
			await sendPages(image, { console, board: 'b', withinMs: 10 });
			const whole = Buffer.concat([...pages.entries()].sort(([one], [other]) => one - other).map(([, bytes]) => bytes));
			t.true(whole.subarray(0, image.length).equals(image) && whole.subarray(image.length).every((byte) => byte === 0xff));
		}),
		{ numRuns: 40 },
	);
});

test('a page that is never taken, or cannot be written, ends the upload with its number', async (t) => {
	const garbled = openUpload((line) => `-${line.slice(1, 5)} crc`);
	await t.throwsAsync(sendPages(new Uint8Array(300), { console: garbled.console, board: 'b', withinMs: 10 }), {
		instanceOf: BoardError,
		code: 'transfer',
		message: /board b: page 0: '\+0000' was expected, got "-0000 crc" \(attempt 5\)/,
	});
	t.is(garbled.lines(), 5);
	const worn = openUpload((line) => (line.startsWith(':0001') ? '-0001 flash' : undefined));
	await t.throwsAsync(sendPages(new Uint8Array(300), { console: worn.console, board: 'b', withinMs: 10 }), {
		message: /page 1: .*"-0001 flash" \(attempt 1\)/,
	});
});

test('releases say what they are, and one that the rig file does not name says what it should', (t) => {
	const book = createReleaseBook(
		{
			golden: { version: '1', bytes: Uint8Array.of(1) },
			bad: { version: '3', bytes: Uint8Array.of(3) },
			'wrong-key': { version: '2', bytes: Uint8Array.of(2) },
		},
		{ board: 'b-1', type: 'avr', origin: 'user' },
	);
	t.like(book.describe(book.golden(), 5), { at: 5, authentic: true, bad: false, hardware: 'avr', sizeBytes: 1 });
	t.like(book.describe(book.bad(), 5), { authentic: true, bad: true });
	t.like(book.describe(book.forbidden('wrong-key'), 5), { authentic: false, rejection: 'a stranger signed it', defect: 'unknown-key' });
	t.is(book.golden(), book.golden());
	t.throws(() => book.candidate(), { code: 'lacks', message: /board b-1: no candidate image: .*images: \{ candidate: \{ file, version \} \}/ });
});

for (const file of readdirSync(`${RIGS}examples`)) {
	test(`every supply of ${file} has a driver`, (t) => {
		const rig = openRigFile(`${RIGS}examples/${file}`, { environment: ENVIRONMENT });
		for (const spec of rig.boards) {
			const options = toPowerOptions(spec, { gpio: { way: 'auto' }, findPort: () => '/dev/found', broker: rig.broker, environment: ENVIRONMENT });
			t.like(options, { driver: spec.power?.driver, offTimeMs: spec.power?.offTime, name: spec.name });
			const has = listCapabilities(spec, { images: {}, hasFlasher: true, hasGateway: true, hasUplink: false, hasOther: false });
			t.true(has.includes('board') && has.includes('power'));
			for (const fixture of spec.fixtures) t.true(has.includes(`fixture:${fixture}`));
			t.false(has.includes('update') || has.includes('refused-images') || has.includes('other-board'), 'without images nothing can be updated');
		}
	});
}

test('a fixture with a parameter is had with it and without', (t) => {
	const [board] = openRigFile(`${RIGS}virtual.yaml`).boards as readonly [BoardSpec];
	const means = { images: {}, hasFlasher: false, hasGateway: false, hasUplink: false, hasOther: false };
	const has = listCapabilities({ ...board, fixtures: ['lora:868', 'flash-8mb'] }, means);
	t.deepEqual(
		has.filter((capability) => capability.startsWith('fixture:')),
		['fixture:lora:868', 'fixture:lora', 'fixture:flash-8mb'],
	);
});

test('what nothing switches is told, and an emulated board, or a QEMU that somebody else runs, has its supply', (t) => {
	const host = { gpio: { way: 'auto' }, findPort: () => '', broker: undefined } as const;
	t.throws(() => toPowerOptions({ name: 'b-1', power: undefined }, host), { code: 'lacks', message: /board b-1: nothing switches its power/ });
	const [board] = openRigFile(`${RIGS}virtual.yaml`).boards;
	t.deepEqual(toPowerOptions(board as NonNullable<typeof board>, host).driver, 'virtual');
	const qemu = { ...board?.power, driver: 'qemu', socket: '/run/b.qmp' } as NonNullable<NonNullable<typeof board>['power']>;
	t.like(toPowerOptions({ name: 'b-1', power: qemu }, host), { driver: 'qemu', qmpSocket: '/run/b.qmp' });
});

test('what a board did while it was prepared is no case of anybody, but what it runs then is where the case begins', (t) => {
	const kept: string[] = [];
	const gate = new PreparationGate((event) => kept.push(event.kind));
	const said = { at: 0, board: 'b' } as const;
	const running: BlackstartEvent = { kind: 'board-running', ...said, version: '1', digest: 'a', confirmed: true, nonce: '' };
	for (const event of [{ kind: 'board-opened', ...said, type: 'avr' }, { kind: 'board-no-boot', ...said, reason: 'x' }, running] as const) gate.record(event);
	gate.open();
	gate.record({ kind: 'board-no-boot', ...said, reason: 'y' });
	t.deepEqual(kept, ['board-opened', 'board-running', 'board-no-boot']);
});

test('whatever fails to close, all is closed, the last opened first, and the first failure is told', async (t) => {
	const closed: number[] = [];
	const closers = new Closers();
	for (const part of [1, 2, 3])
		closers.add(async () => {
			closed.push(part);
			if (part > 1) throw new Error(`part ${part}`);
		});
	await t.throwsAsync(closers.close(), { message: 'part 3' });
	t.deepEqual(closed, [3, 2, 1]);
	await closers.close();
	t.is(closed.length, 3);
});

test('a panic of a board that was left alone is told at once, without a newline and once for a line; so is a boot nobody asked for', async (t) => {
	const [board] = openRigFile(`${RIGS}virtual.yaml`).boards as readonly [BoardSpec];
	const far = openFarEnd();
	const console = await openSerialConsole({ name: 'b', baudRate: 115_200, lines: 'none', resolvePort: async () => far.path });
	const events: BlackstartEvent[] = [];
	const told: string[] = [];
	let resolve = (): void => undefined;
	const first = new Promise<void>((done) => {
		resolve = done;
	});
	using watch = new LineWatch({
		board: 'b',
		console,
		syntax: { ...board.type.console, panic: [/panic: /, /stack/] },
		nowMs: () => 5,
		record: (event) => events.push(event),
		onUnexpected: (what) => {
			told.push(what);
			resolve();
		},
	});
	try {
		far.write('app: confirmed\r\npanic: asked to, as it was told\r\nboot: blackstart-avr 1.0 nonce=00000001 reset=watchdog\r\n> ');
		await console.expect('> ', { withinMs: 2000 });
		t.deepEqual(told, [], 'a board that is not at rest does as it likes');
		watch.calm = true;
		far.write('version 1\r\nboot: x\r\nxx panic: stack over');
		await first;
		t.deepEqual(told, ['it crashed: "xx panic: stack over"']);
		watch.calm = true;
		far.write('\r\nboot: blackstart-avr 1.0 nonce=00000002 reset=power\r\n> ');
		await console.expect('> ', { withinMs: 2000 });
		t.deepEqual(told.slice(1), ['it booted, and nobody had asked for it: "boot: blackstart-avr 1.0 nonce=00000002 reset=power"']);
		t.deepEqual(
			events.map((event) => [event.kind, 'unexpected' in event]),
			[
				['board-mark', false],
				['board-boot', false],
				['board-panic', false],
				['board-panic', true],
				['board-boot', true],
			],
		);
	} finally {
		await console[Symbol.asyncDispose]();
		await far.die();
	}
});

test('the page about rigs tells every code of every error, and no other', (t) => {
	const page = readFileSync(`${RIGS}README.md`, 'utf8');
	const codesOf = (name: string): readonly string[] => {
		const [, section = ''] = page.split(new RegExp(`^### ${name}$`, 'm'));
		return [...(section.split(/^#/m)[0] ?? '').matchAll(/^\| `([\w-]+)` \|/gm)].map(([, code = '']) => code);
	};
	for (const [name, codes] of Object.entries({
		ConsoleError: CONSOLE_ERROR_CODES,
		BoardError: BOARD_ERROR_CODES,
		PowerError: POWER_ERROR_CODES,
		GpioError: GPIO_ERROR_CODES,
		FlasherError: FLASHER_ERROR_CODES,
		LeaseError: LEASE_ERROR_CODES,
		GuardianError: GUARDIAN_ERROR_CODES,
		GatewayError: GATEWAY_ERROR_CODES,
	}))
		t.deepEqual(codesOf(name), [...codes], name);
});

const TIMINGS = { bootMs: 2000, offMs: 1, quietMs: 1, confirmMs: 1000, answerMs: 1000, updateMs: 1000, installMs: 1000 };
const BANNER = '\r\nboot: blackstart-avr 1.0 nonce=00000001 reset=power\r\n';

for (const { what, said, reason } of [
	{ what: 'its last line where it complains of nothing', said: 'boot: no image: mac\r\n> ', reason: 'boot: no image: mac' },
	{ what: 'what it complained of on the way', said: 'env: bad CRC\r\nscanning\r\nnothing found\r\n> ', reason: 'env: bad CRC' },
]) {
	test(`a prompt from before a boot is none of it, and a loader that waits behind the boot is told with ${what}`, async (t) => {
		const [board] = openRigFile(`${RIGS}virtual.yaml`).boards as [BoardSpec];
		const far = openFarEnd();
		const console = await openSerialConsole({ name: 'b', baudRate: 115_200, lines: 'none', resolvePort: async () => far.path });
		const events: BlackstartEvent[] = [];
		// A loader whose prompt is the application's.
		const type = { ...board.type, console: { ...board.type.console, recovery: board.type.console.prompt, panic: [/bad CRC/] } };
		using talk = new BoardTalk({ name: 'b', type, timings: TIMINGS, console, nowMs: () => performance.now(), record: (event) => events.push(event) });
		try {
			talk.watch.expectBoot(console.mark());
			const running = talk.running({ withinMs: 2000 });
			far.write('ok\r\n> ');
			await console.expect('> ', { withinMs: 1000 });
			t.deepEqual(events, [], 'the prompt alone says nothing');
			far.write(`${BANNER}${said}`);
			await t.throwsAsync(running, { code: 'no-boot', message: `board b: its bootloader waits in its recovery: "${reason}"` });
			t.true(events.some((event) => event.kind === 'board-no-boot' && event.reason.includes(reason)));
		} finally {
			await console[Symbol.asyncDispose]();
			await far.die();
		}
	});
}
