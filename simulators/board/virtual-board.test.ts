import { createHash } from 'node:crypto';
import test from 'ava';
import { cyclesOfMs } from './avr/clock.js';
import type { NonVolatile } from './avr/non-volatile.js';
import { BenchBoard, blockLine, copyOf, factoryBoard } from './bench-board.test.support.js';
import { program } from './factory.js';
import { BOARD_BOOTLOADERS } from './firmware-files.js';
import { buildImage, readImage, SLOT_BYTES } from './image.js';
import { type BadBehaviour, virtualBoardReleases } from './releases.js';

const releases = virtualBoardReleases();
const imageOf = (release: ReturnType<typeof releases.golden>) => release.images[0]?.bytes as Uint8Array;
const golden = imageOf(releases.golden());
const candidate = imageOf(releases.candidate());
const BOOT_WITHIN = { withinMs: 6000 };

/** Memory of a board that runs golden, with this image staged and its trial asked for. */
const requested = (image: Uint8Array, memory: NonVolatile = factoryBoard()): NonVolatile => {
	const board = new BenchBoard(memory);
	board.expect('> ');
	program(memory, { area: 'secondary', image, bootloader: [] });
	board.command('try');
	return memory;
};

test('a board fresh from the factory boots, says who it is and obeys; what is not understood is an error', (t) => {
	const board = new BenchBoard(factoryBoard());
	t.regex(
		board.expect('> '),
		/^\r\nboot: blackstart-avr 1\.0 nonce=00000001 reset=power\r\nboot: start\r\napp: sensor 1\.0\.0 nonce=00000001 confirmed\r\napp: self-test passed\r\n$/,
	);
	t.deepEqual(board.command('version'), ['version 1.0.0', 'ok']);
	t.deepEqual(board.command('digest'), [`digest ${createHash('sha256').update(golden).digest('hex')}`, 'ok']);
	t.deepEqual(board.command('state'), ['state confirmed attempt=0 security=0 nonce=00000001 last=none', 'ok']);
	for (const [line, answer] of [
		['get site', ['site=factory', 'ok']],
		['set site berlin', ['ok']],
		['set site', ['error usage: set NAME VALUE']],
		['set a-name-too-long-x 1', ['error name']],
		['set note two words', ['error value']],
		[`set note ${'v'.repeat(32)}`, ['error value']],
		['get nothing', ['error unknown']],
		['confirm', ['error not-trial']],
		['versions', ['error unknown command']],
		['dump', ['setting interval=60', 'setting broker=mqtt.example', 'setting site=berlin', 'ok']],
		['defaults', ['ok']],
		['dump', ['setting site=factory', 'setting interval=60', 'setting broker=mqtt.example', 'ok']],
	] as const) {
		t.deepEqual(board.command(line), [...answer], line);
	}
	for (const [index, answer] of ['ok', 'ok', 'error full'].entries()) t.deepEqual(board.command(`set filler-${index} ${'v'.repeat(20)}`), [answer]);
	board.send('crash\r');
	board.expect('panic: asked to\r\n');
	board.expect('boot: blackstart-avr 1.0 nonce=00000002 reset=watchdog');
	board.expect('> ');
	t.is(board.command('get filler-1')[0], `filler-1=${'v'.repeat(20)}`);
});

test('an update over the console is tried, confirms itself and keeps the settings; damaged lines are asked for again', (t) => {
	const memory = factoryBoard();
	const board = new BenchBoard(memory);
	board.expect('> ');
	board.command('set site berlin');
	board.send('update\r');
	board.expect('update ready');
	board.expect('\n');
	const line = blockLine(3, candidate.subarray(384, 512));
	for (const [sent, answer] of [
		[line.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')), '-0003 crc'],
		[line.slice(0, -1), '-???? line'],
		[line.replace(/[0-9a-f]/, 'g'), '-???? line'],
		[blockLine(64, new Uint8Array(128)), '-0040 range'],
		[blockLine(0xffff, new Uint8Array(128)), '-ffff range'],
		['noise', '-???? line'],
		[line, '+0003'],
		[line, '+0003'],
	] as const) {
		board.send(`${sent}\r`);
		t.is(board.expect('\r\n'), answer);
	}
	board.send('end\r');
	t.is(board.expect('\r\n'), 'update ended pages=1');
	board.expect('> ');
	board.upload(candidate);
	t.deepEqual(board.command('try'), ['trial requested', 'ok']);
	board.send('reboot\r');
	for (const said of [
		'rebooting',
		'boot: verify staged',
		'boot: install from 0 of 128',
		'boot: installed',
		'boot: trial 1 of 3',
		'app: sensor 2.0.0 nonce=00000002 trial',
	])
		board.expect(said, BOOT_WITHIN);
	t.deepEqual(board.command('try'), ['error trial-running']);
	t.deepEqual(board.command('update'), ['error trial-running']);
	board.expect('app: confirmed');
	board.expect('> ');
	t.deepEqual(board.command('state'), ['state confirmed attempt=0 security=1 nonce=00000002 last=none', 'ok']);
	t.is(board.command('get site')[0], 'site=berlin');
	t.deepEqual(memory.flash.slice(0, SLOT_BYTES), Uint8Array.from(candidate));
});

for (const behaviour of ['crashes', 'silent', 'hangs', 'unwell'] satisfies BadBehaviour[]) {
	test(`an image that ${behaviour} is given three boots and then reverted, byte for byte`, (t) => {
		const memory = requested(imageOf(releases.bad(behaviour)));
		const board = new BenchBoard(memory);
		for (let boot = 1; boot <= 3; boot++) {
			board.expect(`boot: trial ${boot} of 3`, BOOT_WITHIN);
			if (behaviour === 'silent' || behaviour === 'unwell') {
				board.expect('> ');
				board.wait(600);
				board.chip.reset('line');
			}
		}
		board.expect('boot: revert not-confirmed', BOOT_WITHIN);
		board.expect('app: sensor 1.0.0', BOOT_WITHIN);
		board.expect('> ');
		t.regex(board.command('state')[0] as string, /^state confirmed attempt=0 security=0 nonce=\w+ last=not-confirmed$/);
		t.false(board.said.includes('app: confirmed'));
		t.deepEqual(memory.flash.slice(0, SLOT_BYTES), Uint8Array.from(golden));
	});
}

test('what is damaged, of another key, of another hardware, no image at all or too old is refused, and says so', (t) => {
	const code = candidate.subarray(0, 6000);
	const confirmed = (): NonVolatile => {
		const memory = requested(candidate);
		new BenchBoard(memory).expect('app: confirmed', BOOT_WITHIN);
		return memory;
	};
	for (const [why, image, memory] of [
		['mac', imageOf(releases.forbidden('payload-bit')), factoryBoard()],
		['mac', imageOf(releases.forbidden('wrong-key')), factoryBoard()],
		['hardware', buildImage(code, { version: '2.0.0', securityVersion: 1, hardware: 0x2560 }), factoryBoard()],
		['magic', new Uint8Array(SLOT_BYTES), factoryBoard()],
		['security', buildImage(code, { version: '2.0.0', securityVersion: 0 }), confirmed()],
	] as const) {
		const runs = memory.flash.slice(0, SLOT_BYTES);
		requested(image, memory);
		const board = new BenchBoard(memory);
		board.expect(`boot: refused ${why}\r\n`, BOOT_WITHIN);
		board.expect('> ');
		t.true(board.command('state')[0]?.endsWith(`last=refused-${why}`), why);
		t.deepEqual(memory.flash.slice(0, SLOT_BYTES), runs, why);
	}
});

test('a bricked board waits for pages over serial, judges them like any image, and runs again', (t) => {
	const memory = factoryBoard();
	memory.flash[4000] = (memory.flash[4000] as number) ^ 0x10;
	const board = new BenchBoard(memory);
	board.expect('boot: no image: mac\r\nrecovery> ', BOOT_WITHIN);
	const send = (page: number) => {
		board.send(`${blockLine(page, golden.subarray(page * 128, (page + 1) * 128))}\r`);
		board.expect(`+${page.toString(16).padStart(4, '0')}\r\n`);
	};
	board.send('version\r');
	board.expect('error\r\nrecovery> ');
	board.send('go\r');
	board.expect('boot: no image: mac\r\nrecovery> ', BOOT_WITHIN);
	board.send(`${blockLine(64, new Uint8Array(128))}\r`);
	board.expect('-0040 range\r\n');
	send(4000 >> 7);
	board.send('go\r');
	board.expect('app: sensor 1.0.0', BOOT_WITHIN);
	t.deepEqual(memory.flash.slice(0, SLOT_BYTES), Uint8Array.from(golden));
});

/** What a board does after cuts at these shares of an undisturbed installation. */
const afterCuts = (
	start: NonVolatile,
	{ shares, totalCycles, seed }: { readonly shares: readonly number[]; readonly totalCycles: number; readonly seed: number },
) => {
	const memory = copyOf(start);
	let torn = 0;
	for (const [index, share] of shares.entries()) {
		const board = new BenchBoard(memory, { seed: seed + index });
		board.chip.runUntil(Math.floor(totalCycles * share));
		if (board.chip.reset('power') !== null) torn++;
	}
	const board = new BenchBoard(memory);
	try {
		board.expect('app: sensor 2.0.0', BOOT_WITHIN);
		board.wait(500);
		return { ended: board.command('state')[0]?.startsWith('state confirmed') ? 'confirmed' : 'unconfirmed', torn, memory };
	} catch {
		return { ended: board.said.includes('recovery> ') ? 'bricked' : board.said, torn, memory };
	}
};

for (const bootloader of BOARD_BOOTLOADERS) {
	const isSound = bootloader === 'boot';
	test(`${bootloader}: an installation cut at any share of its time ${isSound ? 'ends in the new image, whole' : 'can brick the board'}`, (t) => {
		const start = requested(candidate, factoryBoard({ bootloader }));
		const good = new BenchBoard(copyOf(start));
		good.expect('app: confirmed', BOOT_WITHIN);
		const totalCycles = good.chip.cycles;
		const cuts = isSound ? 14 : 5;
		const rows = Array.from({ length: cuts }, (_, index) => {
			const share = (index + 0.5) / cuts;
			return afterCuts(start, { shares: index % 2 === 0 ? [share] : [share, share / 2, share / 3], totalCycles, seed: 100 * index });
		});
		if (!isSound) {
			t.true(rows.some((row) => row.ended === 'bricked'));
			return;
		}
		t.true(
			rows.some((row) => row.torn > 0),
			'no cut fell into an operation',
		);
		for (const row of rows) {
			t.is(row.ended, 'confirmed');
			t.deepEqual(row.memory.flash.slice(0, SLOT_BYTES), Uint8Array.from(candidate));
		}
	});
}

test('a setting whose writing is cut is the old one or the new one, at any cycle', (t) => {
	const memory = factoryBoard();
	new BenchBoard(memory).expect('> ');
	const seen = new Set<string>();
	for (let index = 0; index < 12; index++) {
		const copy = copyOf(memory);
		const board = new BenchBoard(copy, { seed: index });
		board.expect('> ');
		board.send('set site elsewhere\r');
		board.wait(1 + index * 40);
		board.chip.reset('power');
		const after = new BenchBoard(copy);
		after.expect('> ');
		const dump = after.command('dump').toSorted();
		t.is(dump.length, 4);
		t.true(dump.includes('setting broker=mqtt.example') && dump.includes('setting interval=60'));
		seen.add(dump[3] as string);
	}
	t.deepEqual([...seen].toSorted(), ['setting site=elsewhere', 'setting site=factory']);
});

test('one cut, one seed: the same memory every time; another seed tears otherwise', (t) => {
	const start = requested(candidate);
	const cut = (seed: number) => {
		const memory = copyOf(start);
		const board = new BenchBoard(memory, { seed });
		board.expect('boot: install');
		board.wait(100);
		while (board.chip.runningOperation?.memory !== 'flash') board.chip.runUntil(board.chip.cycles + 1);
		board.chip.runUntil(board.chip.cycles + cyclesOfMs(2));
		return { torn: board.chip.reset('power'), memory };
	};
	const first = cut(1);
	t.truthy(first.torn);
	t.deepEqual(cut(1).memory, first.memory);
	t.true([2, 3, 4, 5].some((seed) => Buffer.compare(cut(seed).memory.flash, first.memory.flash) !== 0));
});

test('images are read back as they were built, and every defect is named', (t) => {
	t.deepEqual(readImage(golden), { ok: true, version: '1.0.0', securityVersion: 1 });
	t.deepEqual(readImage(imageOf(releases.forbidden('wrong-key'))), { ok: false, reason: 'mac' });
	t.deepEqual(readImage(golden.subarray(1)), { ok: false, reason: 'size' });
	t.throws(() => buildImage(new Uint8Array(SLOT_BYTES - 63), { version: '1.0.0', securityVersion: 0 }), { message: /at most 8128 bytes/ });
	t.throws(() => buildImage(new Uint8Array(0), { version: '1.0', securityVersion: 0 }), { message: /three numbers/ });
});
