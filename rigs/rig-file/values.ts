import { z } from 'zod';
import { parseSize } from '../../harness/text/index.js';
import { parseDuration, parseVoltage } from './quantity.js';
import { SECRET_SHAPE, Secret } from './secret.js';

/** What the keys of rig files and board types are made of. The text in `error` is what a person is told was expected. */
export const told = (error: string) => ({ error });

const refuse = (context: z.RefinementCtx, message: string): never => {
	context.addIssue({ code: 'custom', message });
	return z.NEVER;
};

const quantity = (expected: string, options: { readonly shape: RegExp; readonly parse: (text: string) => number | undefined }) =>
	z
		.string(told(expected))
		.regex(options.shape, told(expected))
		.describe(expected)
		.transform((text, context) => options.parse(text) ?? refuse(context, expected));

/** In milliseconds once read. */
export const duration = quantity('a duration with its unit was expected (250us, 1500ms, 5s, 10m)', {
	shape: /^\d{1,6}(\.\d{1,3})?(us|ms|s|m|h)$/,
	parse: parseDuration,
});
/** In volts once read. */
export const voltage = quantity('a voltage with its unit was expected (0.3V, 300mV)', { shape: /^\d{1,5}(\.\d{1,3})?(V|mV)$/, parse: parseVoltage });
/** In bytes once read. */
export const size = quantity('a size with its unit was expected (512B, 48KiB, 2MiB)', { shape: /^\d{1,9}(\.\d{1,3})?(B|KiB|MiB)$/, parse: parseSize });

export const text = (expected: string) => z.string(told(expected)).trim().min(1, told(expected)).max(400, told(expected));
export const shaped = (expected: string, shape: RegExp) => z.string(told(expected)).regex(shape, told(expected)).describe(expected);
export const name = (what: string) => shaped(`${what} was expected: small letters, digits and -, at most 40`, /^[a-z0-9][a-z0-9-]{0,39}$/);
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) => z.enum(words, told(`one of ${words.join(', ')} was expected`));
export const yesOrNo = z.boolean(told('true or false was expected'));
export const listOf = <Item extends z.ZodType>(item: Item, expected: string) => z.array(item, told(expected)).min(1, told(expected));

export const whole = (expected: string, { least = 0, most = 4_294_967_295 }: { readonly least?: number; readonly most?: number } = {}) =>
	z.int(told(expected)).min(least, told(expected)).max(most, told(expected));

/** A regular expression over the bytes of a console, decoded lossily; named groups carry what is read from it. */
export const pattern = (what: string, groups: readonly string[] = []) => {
	const expected = `${what} was expected, a regular expression${groups.length > 0 ? ` with ${groups.map((group) => `(?<${group}>…)`).join(' and ')}` : ''}`;
	return z
		.string(told(expected))
		.min(1, told(expected))
		.transform((source, context) => {
			if (groups.some((group) => !source.includes(`(?<${group}>`))) return refuse(context, expected);
			try {
				return new RegExp(source, 'm');
			} catch {
				return refuse(context, expected);
			}
		});
};

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a rig file says.
const SECRET = 'a secret by the name of its environment variable was expected (${env:NAME}), never the secret itself';

/** Never the secret itself: the name of the variable of the environment that holds it. */
export const secret = z
	.string(told(SECRET))
	.regex(SECRET_SHAPE, told(SECRET))
	.transform((given) => new Secret(SECRET_SHAPE.exec(given)?.[1] ?? ''));

/** A program and its arguments, run without a shell. What stands in braces is filled in: `{port}`, `{file}`. */
export const commandLine = (what: string) =>
	listOf(
		z
			.string(told(`${what}: words of a command line were expected`))
			.regex(/^(?!.*\$\{env:)/s, told('a word without a secret was expected: others see the arguments of a process; give it in env')),
		`${what} was expected: a list of a program and its arguments`,
	);
