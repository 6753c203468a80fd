import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { LineSocketGpio } from '../../../rigs/drivers/gpio/line-socket-client.js';
import { openVirtualBoard, virtualBoardReleases } from '../../../simulators/board/index.js';
import type { GpioLine } from '../../ports/index.js';
import { makeFolder } from '../blackstart.test.support.js';

/** What its supply was told, as it lies in a file: nobody who used the board needs to be alive for it. */
export interface SwitchedBoard {
	readonly folder: string;
	readonly rigPath: string;
	/** A rig host of its own: leases and marks of this machine's user are not seen. */
	readonly env: Readonly<Record<string, string>>;
	readonly supply: () => string;
	/** Each word that the supply was told, the first one first. */
	readonly supplyLog: () => readonly string[];
}

const LOOK_EVERY_MS = 5;

/**
 * A board that rigs take for a real one: its process is this test's, its port is a path, and its supply is switched by commands.
 * Whatever becomes of a run, what was done to the board can be read here.
 */
export const openSwitchedBoard = async (t: ExecutionContext): Promise<SwitchedBoard> => {
	const folder = makeFolder(t, { 'state/.keep': '', supply: 'unpowered\n' });
	const releases = virtualBoardReleases();
	for (const release of [releases.golden(), releases.candidate(), releases.bad()])
		writeFileSync(join(folder, `${release.name}.bin`), release.images[0]?.bytes ?? new Uint8Array());
	const board = await openVirtualBoard({ name: 'real-1' });
	const gpio = new LineSocketGpio({ socketPath: board.lineSocketPath });
	const power: GpioLine = await gpio.openLine({
		chip: 'virtual',
		line: 'POWER',
		activeLow: false,
		direction: { output: false },
		drive: 'push-pull',
		consumer: 'test',
	});
	const file = join(folder, 'supply');
	const words = (): readonly string[] => readFileSync(file, 'utf8').trim().split('\n');
	let told = 'unpowered';
	const follow = setInterval(() => {
		const now = words().at(-1) ?? '';
		if (now === told) return;
		told = now;
		power.set(now === 'powered').catch(() => undefined);
	}, LOOK_EVERY_MS);
	t.teardown(async () => {
		clearInterval(follow);
		await power[Symbol.asyncDispose]();
		await board[Symbol.asyncDispose]();
	});
	const tell = (word: string): string => `[/bin/sh, -c, 'echo ${word} >> "$0"', ${file}]`;
	const rigPath = join(folder, 'rig.yaml');
	writeFileSync(
		rigPath,
		`schema: rig/v1
rig: switched
boards:
  real-1:
    type: virtual-avr
    serial: { console: { path: ${board.ttyPath}, lines: none } }
    power:
      driver: command
      powerOn: ${tell('powered')}
      powerOff: ${tell('unpowered')}
      offTime: 60ms
      settle: 30ms
    images:
      golden: { file: golden.bin, version: 1.0.0 }
      candidate: { file: candidate.bin, version: 2.0.0 }
      bad: { file: ${releases.bad().name}.bin, version: 3.0.0 }
`,
	);
	const state = join(folder, 'state');
	return { folder, rigPath, env: { XDG_RUNTIME_DIR: state, XDG_STATE_HOME: state }, supply: () => words().at(-1) ?? '', supplyLog: words };
};

/** Resolves when the file holds that text. */
export const untilFileHolds = async (path: string, text: string | RegExp, { withinMs = 120_000 } = {}): Promise<void> => {
	const endsAt = performance.now() + withinMs;
	for (;;) {
		const held = existsSync(path) ? readFileSync(path, 'utf8') : '';
		if (typeof text === 'string' ? held.includes(text) : text.test(held)) return;
		if (performance.now() > endsAt) throw new Error(`${path}: ${String(text)} was expected within ${withinMs} ms, it ends ${JSON.stringify(held.slice(-300))}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
};
