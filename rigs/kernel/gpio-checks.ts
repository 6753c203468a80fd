import { readFileSync, writeFileSync } from 'node:fs';
import type { GpioLineRequest } from '../../harness/ports/index.js';
import { openGpio } from '../drivers/gpio/index.js';
import { openPower } from '../drivers/power/index.js';
import { assertEqual, assertFails, type Checks } from './checks.js';

/** The lines of gpio-sim as the kernel has them: what a pin is driven at, and what pulls it. */
export class SimulatedLines {
	readonly #folder: string;

	constructor(folder: string) {
		this.#folder = folder;
	}

	value(offset: number): string {
		return readFileSync(`${this.#folder}/sim_gpio${offset}/value`, 'utf8').trim();
	}

	pull(offset: number, direction: 'pull-up' | 'pull-down'): void {
		writeFileSync(`${this.#folder}/sim_gpio${offset}/pull`, direction);
	}
}

const RELAY = 0;
const RESET = 1;
const SENSE = 2;
const DRAIN = 3;

const output = (line: string, options: Partial<GpioLineRequest> = {}): GpioLineRequest => ({
	chip: 'rig',
	line,
	activeLow: false,
	direction: { output: false },
	drive: 'push-pull',
	consumer: 'blackstart',
	...options,
});

export const checkGpio = async (checks: Checks, lines: SimulatedLines): Promise<void> => {
	await checks.check('the way is chosen, and why is said', async () => {
		const { description } = await openGpio({ way: 'auto' });
		assertEqual(/^onoff on sysfs, since libgpiod 1\.\d+(\.\d+)? would let go|^libgpiod 2/.test(description), true, description);
		process.stdout.write(`# ${description}\n`);
	});
	for (const way of ['onoff', 'libgpiod'] as const) await checkWay(checks, { way, lines });
	await checks.check('onoff: a line left exported by a killed process is taken over', async () => {
		const first = await openGpio({ way: 'onoff' });
		const left = await first.openLine(output('relay', { direction: { output: true } }));
		await using again = await first.openLine(output('relay', { activeLow: true, direction: { output: true } }));
		assertEqual(lines.value(RELAY), '0', 'active low and active');
		assertEqual(await again.get(), true, 'level');
		void left;
	});
	await checks.check('a relay with a sense line is told, observed, and found out when it lies', async () => {
		const gpio = { way: 'onoff' } as const;
		const line = { chip: 'rig', line: 'relay', activeLow: false };
		const sensedBy = { kind: 'gpio-in', gpio, line: { chip: 'rig', line: 'sense', activeLow: false } } as const;
		lines.pull(SENSE, 'pull-down');
		await using power = await openPower({ driver: 'gpio-relay', name: 'board', gpio, line, sensedBy, offTimeMs: 0, settleMs: 0, withinMs: 1000 });
		await assertFails(power.on(), 'unconfirmed');
		assertEqual(lines.value(RELAY), '1', 'relay');
		lines.pull(SENSE, 'pull-up');
		assertEqual((await power.on()).commanded, 'powered', 'power');
	});
};

const checkWay = async (checks: Checks, { way, lines }: { readonly way: 'onoff' | 'libgpiod'; readonly lines: SimulatedLines }): Promise<void> => {
	const gpio = await openGpio({ way });
	await checks.check(`${way}: an output is driven by chip label and line name`, async () => {
		const relay = await gpio.openLine(output('relay', { direction: { output: true } }));
		assertEqual(lines.value(RELAY), '1', 'at once');
		await relay.set(false);
		assertEqual(lines.value(RELAY), '0', 'set to inactive');
		await relay.set(true);
		assertEqual(lines.value(RELAY), '1', 'set to active');
		assertEqual(await relay.get(), true, 'level');
		await relay[Symbol.asyncDispose]();
	});
	await checks.check(`${way}: an active-low output rests high and is pulled low`, async () => {
		await using reset = await gpio.openLine(output('reset', { activeLow: true }));
		assertEqual(lines.value(RESET), '1', 'idle');
		await reset.set(true);
		assertEqual(lines.value(RESET), '0', 'active');
		assertEqual(await reset.get(), true, 'level');
	});
	await checks.check(`${way}: an open drain is driven low or not at all`, async () => {
		lines.pull(DRAIN, 'pull-up');
		await using drain = await gpio.openLine(output('drain', { activeLow: true, drive: 'open-drain' }));
		assertEqual(lines.value(DRAIN), '1', 'released, pulled up');
		await drain.set(true);
		assertEqual(lines.value(DRAIN), '0', 'driven low');
	});
	await checks.check(`${way}: an input follows its pin`, async () => {
		await using sense = await gpio.openLine(output('sense', { direction: 'input' }));
		for (const [pull, level] of [
			['pull-up', true],
			['pull-down', false],
			['pull-up', true],
		] as const) {
			lines.pull(SENSE, pull);
			assertEqual(await sense.get(), level, pull);
		}
		await assertFails(sense.set(true), 'refused');
	});
	await checks.check(`${way}: what another holds is busy, what is not there is unknown`, async () => {
		const other = await openGpio({ way: way === 'onoff' ? 'libgpiod' : 'onoff' });
		await using held = await other.openLine(output('relay', { direction: { output: true } }));
		await assertFails(gpio.openLine(output('relay')), 'busy');
		await assertFails(gpio.openLine(output('boot')), 'unknown');
		await assertFails(gpio.openLine(output('relay', { chip: 'rack' })), 'unknown');
		assertEqual(lines.value(RELAY), '1', `${held.name} of the other`);
	});
};
