import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { GpioLineRequest } from '../../../harness/ports/index.js';
import { LineSocketGpio } from './index.js';
import { openTestChip, type TestChip } from './line-socket.test.support.js';

const openChip = async (t: ExecutionContext): Promise<{ readonly chip: TestChip; readonly gpio: LineSocketGpio }> => {
	const folder = await mkdtemp(join(tmpdir(), 'blackstart-chip-'));
	const socketPath = join(folder, 'chip.sock');
	const chip = await openTestChip(socketPath, ['power', 'reset', 'sense']);
	t.teardown(async () => {
		await chip[Symbol.asyncDispose]();
		await rm(folder, { recursive: true });
	});
	return { chip, gpio: new LineSocketGpio({ socketPath, withinMs: 150 }) };
};

const output: Omit<GpioLineRequest, 'line'> = {
	chip: 'virtual',
	activeLow: false,
	direction: { output: false },
	drive: 'push-pull',
	consumer: 'blackstart',
};

test('an output takes its level with its direction, whatever its polarity, and is undriven once closed', async (t) => {
	const { chip, gpio } = await openChip(t);
	const reset = await gpio.openLine({ ...output, line: 'reset', activeLow: true });
	t.is(reset.name, 'virtual/reset');
	await reset.set(true);
	t.true(await reset.get());
	await reset.set(false);
	t.deepEqual(
		chip.history,
		[true, false, true].map((level) => ({ line: 'reset', level })),
	);
	const power = await gpio.openLine({ ...output, line: 'power', direction: { output: true } });
	await reset[Symbol.asyncDispose]();
	await chip.until('reset', null);
	t.true(await power.get(), 'closing a line leaves the others held');
	await t.throwsAsync(reset.set(true), { code: 'closed' });
	await power[Symbol.asyncDispose]();
	await power[Symbol.asyncDispose]();
	await chip.until('power', null);
});

test('an input follows its pin and cannot be set', async (t) => {
	const { chip, gpio } = await openChip(t);
	await using sense = await gpio.openLine({ ...output, line: 'sense', direction: 'input', activeLow: true });
	t.true(await sense.get());
	chip.levels.set('sense', true);
	t.false(await sense.get());
	await t.throwsAsync(sense.set(true), { code: 'refused', message: 'virtual/sense: is an input' });
});

test('refusals say which line of which chip, and why', async (t) => {
	const { chip, gpio } = await openChip(t);
	await t.throwsAsync(gpio.openLine({ ...output, line: 'boot' }), { code: 'unknown', message: 'virtual/boot: request: no line boot' });
	await using power = await gpio.openLine({ ...output, line: 'power' });
	await t.throwsAsync(gpio.openLine({ ...output, line: 'power' }), { code: 'busy', message: /^virtual\/power: request: .*held/ });
	await t.throwsAsync(new LineSocketGpio({ socketPath: '/nowhere/chip.sock' }).openLine({ ...output, line: 'power' }), {
		code: 'unavailable',
		message: /no chip answers on the socket \/nowhere\/chip\.sock: .*ENOENT/,
	});
	chip.misbehave = ({ op }) => (op === 'set' ? '' : undefined);
	await t.throwsAsync(power.set(true), { code: 'timeout', message: 'virtual/power: set: the chip did not answer in 150 ms' });
	chip.misbehave = ({ id }) => `${JSON.stringify({ id, ok: true, value: false })}\n`;
	await t.throwsAsync(power.set(true), { code: 'refused', message: 'virtual/power: set to true, and the chip says false' });
	chip.misbehave = () => 'gibberish\n';
	await t.throwsAsync(power.get(), { code: 'refused', message: 'virtual/power: the chip sent no answer of the line socket: "gibberish"' });
});

test('a chip that goes away fails what waits and what comes later', async (t) => {
	const { chip, gpio } = await openChip(t);
	await using power = await gpio.openLine({ ...output, line: 'power' });
	chip.misbehave = () => '';
	const waiting = t.throwsAsync(power.get(), { code: 'lost' });
	chip.dropConnections();
	await waiting;
	await t.throwsAsync(power.set(true), { code: 'lost', message: /the line is undriven$/ });
});
