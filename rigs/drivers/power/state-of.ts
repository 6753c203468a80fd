import type { PowerState } from '../../../harness/ports/index.js';
import { PowerError } from './power-error.js';

/** Reads a state out of an answer by a path of keys; `true`, `"on"` and `"ON"` are powered. Throws a PowerError where it is not there. */
export const stateOf = (answer: unknown, { keys, from }: { readonly keys: readonly string[]; readonly from: string }): PowerState => {
	let value = answer;
	for (const key of keys) value = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
	if (value === true || (typeof value === 'string' && value.toLowerCase() === 'on')) return 'powered';
	if (value === false || (typeof value === 'string' && value.toLowerCase() === 'off')) return 'unpowered';
	throw new PowerError('refused', `${from}: ${keys.join('.')} on or off was expected, came ${JSON.stringify(answer)?.slice(0, 200) ?? 'nothing'}`);
};
