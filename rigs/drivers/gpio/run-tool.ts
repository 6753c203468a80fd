import { execFile } from 'node:child_process';
import { GpioError } from './gpio-error.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const TOOL_WITHIN_MS = 3000;

/** Output of a libgpiod tool. `what` begins the message where it fails. */
export const runTool = (words: readonly [string, ...string[]], { what, env }: { readonly what: string; readonly env: Environment }): Promise<string> =>
	new Promise((resolve, reject) => {
		const [tool, ...args] = words;
		execFile(tool, args, { env: { ...env, LC_ALL: 'C' }, timeout: TOOL_WITHIN_MS, maxBuffer: 2 ** 22 }, (error, output, complaint) => {
			if (error === null) return resolve(output);
			if ('code' in error && error.code === 'ENOENT') return reject(new GpioError('unavailable', `${what}: ${tool} is not installed`, { cause: error }));
			const why = error.killed === true ? `no end in ${TOOL_WITHIN_MS} ms` : complaint.trim() || error.message;
			reject(new GpioError(error.killed === true ? 'timeout' : codeOfComplaint(why), `${what}: ${words.join(' ')}: ${why}`, { cause: error }));
		});
	});

export const codeOfComplaint = (complaint: string): 'busy' | 'unknown' | 'unavailable' | 'refused' => {
	if (/busy/i.test(complaint)) return 'busy';
	if (/cannot find|unable to find|no such|not found/i.test(complaint)) return 'unknown';
	return /permission|not permitted/i.test(complaint) ? 'unavailable' : 'refused';
};
