import { GpioError } from './gpio-error.js';
import { type Environment, runTool } from './run-tool.js';

/** A line as the kernel numbers it now. */
export interface FoundLine {
	/** `gpiochip0`. */
	readonly chip: string;
	readonly offset: number;
}

/** A chip without names for its lines has them addressed as the tools print them: `line 17`. */
export const UNNAMED_LINE = /^line (\d{1,4})$/;

/** Finds a chip by name or label, and a line on it by name, with the tools of libgpiod, v1 or v2. Rejects with a GpioError `unknown` that names what there is. */
export const findLine = async ({ chip, line }: { readonly chip: string; readonly line: string }, env: Environment): Promise<FoundLine> => {
	const what = `${chip}/${line}`;
	const chips = [...(await runTool(['gpiodetect'], { what, env })).matchAll(/^(\S+) \[(.*)\] \((\d+) lines?\)$/gm)].map(([, name = '', label = '']) => ({
		name,
		label,
	}));
	const matching = chips.filter(({ name, label }) => name === chip || label === chip);
	const [found] = matching;
	if (found === undefined)
		throw new GpioError('unknown', `${what}: no chip of that name or label; there ${listed(chips.map(({ name, label }) => `${name} [${label}]`))}`);
	if (matching.length > 1)
		throw new GpioError('unknown', `${what}: ${matching.length} chips have that label: ${matching.map(({ name }) => name).join(', ')}; give the name of one`);
	const lines = await readLines(found.name, { what, env });
	const unnamed = UNNAMED_LINE.exec(line);
	if (unnamed !== null && lines.some(({ offset }) => offset === Number(unnamed[1]))) return { chip: found.name, offset: Number(unnamed[1]) };
	const named = lines.filter(({ name }) => name === line);
	const [only] = named;
	if (only === undefined)
		throw new GpioError('unknown', `${what}: no line of that name; there ${listed(lines.flatMap(({ name }) => (name === undefined ? [] : [name])))}`);
	if (named.length > 1)
		throw new GpioError('unknown', `${what}: ${named.length} lines have that name: ${named.map(({ offset }) => `line ${offset}`).join(', ')}`);
	return { chip: found.name, offset: only.offset };
};

export interface LineInfo {
	readonly offset: number;
	readonly name: string | undefined;
	/** Whether anybody holds it. */
	readonly used: boolean;
}

/** v1 says `line 0: "relay" "gpioset" output active-high [used]`, v2 `line 0: "relay" output consumer="gpioset"`. */
export const readLines = async (chip: string, options: { readonly what: string; readonly env: Environment }): Promise<readonly LineInfo[]> =>
	[...(await runTool(['gpioinfo', ...(await chipWords(chip, options))], options)).matchAll(/^\s*line\s+(\d+):\s+(?:"([^"]*)"|unnamed)(.*)$/gm)].map(
		([, offset, name, rest = '']) => ({ offset: Number(offset), name, used: /\[.*used.*\]|consumer=/.test(rest) }),
	);

/** v2 takes a chip as an option, v1 as an argument. */
const chipWords = async (chip: string, options: { readonly what: string; readonly env: Environment }): Promise<readonly string[]> =>
	(await toolsVersion(options.env))?.startsWith('1.') === true ? [chip] : ['--chip', chip];

const versions = new WeakMap<Environment, Promise<string | undefined>>();

/** Of the tools of libgpiod, undefined where there are none. They are asked once. */
export const toolsVersion = (env: Environment): Promise<string | undefined> => {
	const known = versions.get(env) ?? askVersion(env);
	versions.set(env, known);
	return known;
};

const askVersion = async (env: Environment): Promise<string | undefined> => {
	try {
		return /\bv?(\d+\.\d+(?:\.\d+)?)/.exec(await runTool(['gpioset', '--version'], { what: 'libgpiod', env }))?.[1];
	} catch (error) {
		if (error instanceof GpioError && error.code === 'unavailable') return undefined;
		throw error;
	}
};

const listed = (names: readonly string[]): string => (names.length === 0 ? 'are none' : `are ${names.slice(0, 40).join(', ')}`);
