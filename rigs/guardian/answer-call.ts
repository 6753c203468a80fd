import type { PowerOptions } from '../drivers/power/power-options.js';
import type { Held, HeldLine, HeldPower } from './held.js';
import type { GuardianCall } from './message.js';

/** Does what a runner asked. Drivers are loaded when they are first asked for, so that a guardian starts fast. */
export const answerCall = async (
	call: Exclude<GuardianCall, { readonly call: 'end' }>,
	{ held, id }: { readonly held: Held; readonly id: number },
): Promise<unknown> => {
	switch (call.call) {
		case 'open-gpio': {
			const { openGpio } = await import('../drivers/gpio/open-gpio.js');
			const gpio = await openGpio(call.options);
			held.gpios.set(id, gpio);
			return gpio.description;
		}
		case 'open-line': {
			const { request } = call;
			const line = await known(held.gpios, call.gpio).openLine(request);
			held.lines.set(id, { line, idle: request.direction === 'input' ? undefined : request.direction.output });
			return line.name;
		}
		case 'set-line':
			await known(held.lines, call.line).line.set(call.active);
			return undefined;
		case 'get-line':
			return await known(held.lines, call.line).line.get();
		case 'close-line':
			return await closeLine(held, call.line);
		case 'open-power': {
			held.powers.set(id, await openHeldPower(call.options, call.safe));
			return known(held.powers, id).power.description;
		}
		case 'power': {
			const { power } = known(held.powers, call.power);
			return call.what === 'commanded' ? power.commanded : await power[call.what]();
		}
		case 'close-power': {
			const { power } = known(held.powers, call.power);
			held.powers.delete(call.power);
			await power[Symbol.asyncDispose]();
			return undefined;
		}
	}
};

const openHeldPower = async (options: PowerOptions, safe: HeldPower['safe']): Promise<HeldPower> => {
	const { openPower } = await import('../drivers/power/open-power.js');
	return { power: await openPower(options), safe, withinMs: options.withinMs };
};

const closeLine = async (held: Held, id: number): Promise<undefined> => {
	const { line }: HeldLine = known(held.lines, id);
	held.lines.delete(id);
	await line[Symbol.asyncDispose]();
};

const known = <Value>(map: ReadonlyMap<number, Value>, id: number): Value => {
	const value = map.get(id);
	if (value === undefined) throw new RangeError(`guardian: nothing is open under ${id}`);
	return value;
};
