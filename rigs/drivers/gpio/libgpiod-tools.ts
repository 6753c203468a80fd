import type { GpioLine, GpioLineRequest, GpioPort } from '../../../harness/ports/index.js';
import { type FoundLine, findLine } from './find-line.js';
import { GpioError } from './gpio-error.js';
import { Gpioset } from './gpioset.js';
import { type Environment, runTool } from './run-tool.js';

interface Held {
	readonly request: GpioLineRequest;
	readonly line: FoundLine;
	readonly env: Environment;
}

/**
 * Lines of the character device by the tools of libgpiod. With version 2 one `gpioset --interactive` holds an output and changes its level where it is.
 * Version 1 cannot: a change of level lets the line go and requests it anew, and for some milliseconds between it is undriven; wire it that undriven is safe.
 */
export const createLibgpiodGpio = ({
	version,
	why,
	env = process.env,
}: {
	readonly version: string;
	readonly why: string;
	readonly env?: Environment;
}): GpioPort => {
	const interactive = !version.startsWith('1.');
	return {
		description: `libgpiod ${version} tools on the character device, ${why}`,
		openLine: async (request) => {
			const held: Held = { request, env, line: await findLine(request, env) };
			if (request.direction === 'input') return createInput(held, { interactive });
			return interactive ? await openInteractiveOutput(held, request.direction.output) : await openReleasingOutput(held, request.direction.output);
		},
	};
};

const nameOf = ({ chip, line }: GpioLineRequest): string => `${chip}/${line}`;

const createInput = ({ request, line, env }: Held, { interactive }: { readonly interactive: boolean }): GpioLine => {
	const name = nameOf(request);
	const polarity = request.activeLow ? ['--active-low'] : [];
	const place = interactive ? ['--numeric', '--chip', line.chip, String(line.offset)] : [line.chip, String(line.offset)];
	return {
		name,
		set: () => Promise.reject(new GpioError('refused', `${name}: is an input`)),
		get: async () => {
			const output = (await runTool(['gpioget', ...polarity, ...place], { what: name, env })).trim();
			if (output !== '0' && output !== '1') throw new GpioError('refused', `${name}: gpioget: 0 or 1 was expected, came ${JSON.stringify(output)}`);
			return output === '1';
		},
		[Symbol.asyncDispose]: async () => undefined,
	};
};

const openInteractiveOutput = async ({ request, line, env }: Held, initial: boolean): Promise<GpioLine> => {
	const name = nameOf(request);
	const { offset, chip } = line;
	const options = [...(request.activeLow ? ['--active-low'] : []), '--drive', request.drive, '--consumer', request.consumer];
	const args = ['--interactive', ...options, '--chip', chip, `${offset}=${initial ? 1 : 0}`];
	const gpioset = await Gpioset.hold(args, { name, line, env });
	const answer = new RegExp(`(?:^|\\s)"?${offset}"?=(active|inactive)\\b`);
	const read = async (): Promise<boolean> => (await gpioset.converse(`get ${offset}`, answer))[1] === 'active';
	return {
		name,
		set: async (active) => {
			const said = await gpioset.converse(`set ${offset}=${active ? 1 : 0}\nget ${offset}`, answer);
			if ((said[1] === 'active') !== active) throw new GpioError('refused', `${name}: set to ${active}, and gpioset says ${said[1]}`);
		},
		get: read,
		[Symbol.asyncDispose]: () => gpioset[Symbol.asyncDispose](),
	};
};

const openReleasingOutput = async ({ request, line, env }: Held, initial: boolean): Promise<GpioLine> => {
	const name = nameOf(request);
	const options = ['--mode=wait', ...(request.activeLow ? ['--active-low'] : []), `--drive=${request.drive}`];
	const hold = (active: boolean): Promise<Gpioset> => Gpioset.hold([...options, line.chip, `${line.offset}=${active ? 1 : 0}`], { name, line, env });
	let level = initial;
	let gpioset: Gpioset | undefined = await hold(initial);
	let turn: Promise<unknown> = Promise.resolve();
	return {
		name,
		set: (active) => {
			const change = turn.then(async () => {
				if (gpioset === undefined) throw new GpioError('closed', `${name}: the line was closed`);
				gpioset.assertHolding();
				if (active === level) return;
				await gpioset[Symbol.asyncDispose]();
				gpioset = await hold(active);
				level = active;
			});
			turn = change.catch(() => undefined);
			return change;
		},
		get: async () => {
			if (gpioset === undefined) throw new GpioError('closed', `${name}: the line was closed`);
			gpioset.assertHolding();
			return level;
		},
		[Symbol.asyncDispose]: async () => {
			await turn;
			await gpioset?.[Symbol.asyncDispose]();
			gpioset = undefined;
		},
	};
};
