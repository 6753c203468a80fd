import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { GpioLineRequest, GpioPort, PowerPort, PowerState } from '../../harness/ports/index.js';
import { openSerialConsole } from '../drivers/console/index.js';
import { openFarEnd } from '../drivers/far-end.test.support.js';
import { monotonicMs } from '../drivers/monotonic.js';
import { type BoardSpec, parseRigFile } from '../rig-file/index.js';
import { openBoardLines } from './board-lines.js';
import { Closers } from './closers.js';
import { countCuts, relayCounter } from './wear.js';
import { wirePower } from './wire-power.js';

const RIG = `schema: rig/v1
rig: x
boards:
  a:
    type: esp32-devkit
    serial: { console: { path: /dev/ttyS9, lines: none } }
    lines:
      reset: { gpio: { chip: c, line: EN }, activeLow: true, pulse: 1ms }
      boot: { gpio: { chip: c, line: IO0 }, activeLow: true }
    power:
      driver: gpio-relay
      line: { chip: c, line: RELAY }
      within: 800ms
      sense: { kind: console-silence, within: 250ms }
      backfeed: [reset]
`;

/** A board that answers what it is sent for as long as it lives, which a supply that sticks lets it do for ever. */
const openBoard = async (t: ExecutionContext, { sticks = false }: { readonly sticks?: boolean } = {}) => {
	const [spec] = parseRigFile(RIG, { path: 'x.yaml' }).boards as readonly [BoardSpec];
	const far = openFarEnd();
	const console = await openSerialConsole({ name: 'a', baudRate: 115_200, lines: 'none', resolvePort: async () => far.path });
	let state: PowerState = 'powered';
	let lives = true;
	far.onBytes(() => {
		if (lives) far.write('\r\n> ');
	});
	const switched = async (to: PowerState) => {
		state = to;
		const commandedAtMs = monotonicMs();
		if (to === 'powered') lives = true;
		// Its capacitors let it speak a little longer.
		else if (!sticks)
			setTimeout(() => {
				far.write('last word');
				lives = false;
			}, 30);
		return { commanded: to, commandedAtMs };
	};
	const supply: PowerPort = {
		get commanded() {
			return state;
		},
		on: () => switched('powered'),
		off: () => switched('unpowered'),
		cycle: () => switched('powered'),
		observe: async () => 'unknown',
	};
	const held: string[] = [];
	const gpio: GpioPort = {
		description: 'lines of a test',
		openLine: async ({ line, direction }: GpioLineRequest) => {
			held.push(`${line} ${JSON.stringify(direction)}`);
			return {
				name: line,
				set: async (active) => void held.push(`${line} ${active}`),
				get: async () => false,
				[Symbol.asyncDispose]: async () => void held.push(`${line} released`),
			};
		},
	};
	const closers = new Closers();
	const lines = await openBoardLines(spec, { openGpio: async () => gpio, closers });
	t.teardown(async () => {
		await closers.close();
		await console[Symbol.asyncDispose]();
		await far.die();
	});
	return { power: wirePower(supply, { spec, console, lines }), lines, held, closers };
};

test('a cut is seen when a board that is asked answers no more; its lines are released until power is to return', async (t) => {
	const { power, lines, held, closers } = await openBoard(t);
	t.deepEqual(held, ['EN {"output":false}', 'IO0 {"output":false}']);
	t.is(await power.observe(), 'powered');
	const { commandedAtMs, observedAtMs = Number.NaN } = await power.off();
	t.true(observedAtMs - commandedAtMs >= 25 && observedAtMs - commandedAtMs < 800, `seen ${observedAtMs - commandedAtMs} ms behind the command`);
	t.is(await power.observe(), 'unpowered');
	t.deepEqual(held.splice(0).slice(2), ['EN released'], 'that of IO0 does not feed it');
	await power.on();
	t.is(await power.observe(), 'powered');
	await lines.reset?.pulse();
	t.deepEqual(held.splice(0), ['EN {"output":false}', 'EN true', 'EN false']);
	await closers.close();
	t.deepEqual(held.sort(), ['EN released', 'IO0 released']);
});

test('a board that goes on answering although its power was cut is told as what it is', async (t) => {
	const { power, held } = await openBoard(t, { sticks: true });
	await t.throwsAsync(power.off(), {
		name: 'PowerError',
		code: 'unconfirmed',
		message: 'a: power off: its console still speaks after 800 ms, and was to be silent for 250 ms',
	});
	t.is(held.at(-1), 'EN released');
	t.is(await power.observe(), 'powered');
});

test('cuts are counted over runs, each once', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-wear-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	let commanded: PowerState | 'unknown' = 'unknown';
	const turn = async (to: PowerState) => {
		commanded = to;
		return { commanded: to, commandedAtMs: 0 };
	};
	const power: PowerPort = {
		get commanded() {
			return commanded;
		},
		on: () => turn('powered'),
		off: () => turn('unpowered'),
		cycle: () => turn('powered'),
		observe: async () => 'unknown',
	};
	const counter = () => relayCounter({ rig: 'x', board: 'a' }, { environment: { XDG_STATE_HOME: folder } });
	t.is(counter().count, 0);
	const counted = countCuts(power, counter());
	await counted.cycle();
	await counted.off();
	await counted.off();
	await counted.on();
	await counted.cycle();
	t.is(counter().count, 3);
});
