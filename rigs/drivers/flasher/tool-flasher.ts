import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { FlasherPort, FlashOptions } from '../../../harness/ports/index.js';
import { type BoardSpec, type FlasherSpec, goesOverSerial } from '../../rig-file/index.js';
import { messageOf } from '../deadline.js';
import { monotonicMs } from '../monotonic.js';
import { FlasherError } from './flasher-error.js';
import { type Reach, type ToolTemplate, templateOf } from './tool-template.js';

export interface ToolFlasherOptions {
	/** Of the board, for messages. */
	readonly name: string;
	readonly spec: Exclude<FlasherSpec, { readonly tool: 'virtual' }>;
	readonly identity: BoardSpec['identity'];
	/** Has the tool's serial port for as long as it is used, and says where it is now; rejects while it is absent. Undefined where the tool needs none. */
	readonly withPort?: PortUser;
	/** What is run, and all that it says, is added there. */
	readonly logFile?: string;
	/** Beside the environment of this process. */
	readonly env?: Readonly<Record<string, string>>;
}

export type PortUser = <Value>(use: (path: string) => Promise<Value>) => Promise<Value>;

/** Writes to a board with the tool of its type: never before the device said who it is, and only believed where the tool says that it verified. */
export const createToolFlasher = (options: ToolFlasherOptions): FlasherPort => {
	const template = templateOf(options.spec);
	const assertIdentity: FlasherPort['assertIdentity'] = ({ withinMs }) => withReach(options, (reach) => identify(options, { template, reach, withinMs }));
	return {
		assertIdentity,
		flash: async (image, flashOptions) => {
			const { areas, within } = options.spec;
			const area = areas[flashOptions.area];
			const what = `${options.name}: ${options.spec.tool}`;
			if (area === undefined) {
				throw new FlasherError('configuration', `${what}: area ${flashOptions.area}: one of ${Object.keys(areas).join(', ') || 'none'} was expected`);
			}
			if (area.size !== undefined && image.length > area.size) {
				throw new FlasherError('configuration', `${what}: area ${flashOptions.area} holds ${area.size} bytes, the image has ${image.length}`);
			}
			const deadlineMs = monotonicMs() + Math.min(flashOptions.withinMs, within);
			await withReach(options, async (reach) => {
				await identify(options, { template, reach, withinMs: deadlineMs - monotonicMs(), signal: flashOptions.signal });
				await write(options, { template, reach, image, flashOptions, area, deadlineMs });
			});
		},
	};
};

interface WriteJob {
	readonly template: ToolTemplate;
	readonly reach: Reach;
	readonly image: Uint8Array;
	readonly flashOptions: FlashOptions;
	readonly area: FlasherSpec['areas'][string];
	readonly deadlineMs: number;
}

const write = async (options: ToolFlasherOptions, { template, reach, image, flashOptions, area, deadlineMs }: WriteJob): Promise<void> => {
	const folder = await mkdtemp(join(tmpdir(), 'blackstart-flash-'));
	try {
		const file = join(folder, `${flashOptions.area}.bin`);
		await writeFile(file, image);
		const { onProgress, signal } = flashOptions;
		const words = template.write(reach, {
			area: flashOptions.area,
			file,
			address: area.address,
			alt: area.alt,
			memory: area.memory,
		});
		const said = await run(options, { words, withinMs: deadlineMs - monotonicMs(), signal, onText: onProgress && createProgress(onProgress) });
		if (template.verified !== undefined && !template.verified.test(said)) {
			throw new FlasherError('failed', `${options.name}: ${options.spec.tool} ended well and never said ${template.verified}: ${lastOf(said)}`);
		}
		onProgress?.(1);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
};

interface Asking {
	readonly template: ToolTemplate;
	readonly reach: Reach;
	readonly withinMs: number;
	readonly signal?: AbortSignal | undefined;
}

const identify = async (options: ToolFlasherOptions, { template, reach, withinMs, signal }: Asking): Promise<void> => {
	const { name, spec, identity } = options;
	const { mac, chipId } = identity;
	const known = [mac, chipId, spec.probe, mac === undefined && chipId === undefined ? identity.usbSerial : undefined].filter((id) => id !== undefined);
	if (known.length === 0) {
		throw new FlasherError(
			'identity',
			`${name}: ${spec.tool}: the rig file says nothing to know the device by: identity with mac, chipId or usbSerial, or the flasher's probe`,
		);
	}
	if (template.identify === undefined || template.identity === undefined) {
		throw new FlasherError('identity', `${name}: ${spec.tool}: cannot ask the device who it is: identify and identity were expected in its type`);
	}
	const said = await run(options, { words: template.identify(reach), withinMs, signal });
	const found = [...said.matchAll(template.identity)].flatMap(({ groups }) => groups?.['id'] ?? []);
	const missing = known.find((wanted) => !found.some((id) => plain(id) === plain(wanted)));
	if (missing === undefined) return;
	throw new FlasherError(
		'identity',
		`${name}: ${spec.tool}: ${missing} was expected, ${found.length === 0 ? 'it found no device' : `found ${found.join(', ')}`}; nothing was written`,
	);
};

/** Tools print the same number in either case, with and without separators. */
const plain = (id: string): string => id.toLowerCase().replaceAll(/^0x|[:\s-]/g, '');

/** One holding of the port for all that is done: a board may be reset each time it is opened. */
const withReach = async <Value>({ name, spec, withPort }: ToolFlasherOptions, use: (reach: Reach) => Promise<Value>): Promise<Value> => {
	const probe = spec.probe ?? '';
	if (withPort === undefined) {
		if (goesOverSerial(spec)) throw new FlasherError('configuration', `${name}: ${spec.tool}: a serial port was expected, the rig file gives it none`);
		return use({ port: '', probe });
	}
	try {
		return await withPort((port) => use({ port, probe }));
	} catch (error) {
		if (error instanceof FlasherError) throw error;
		throw new FlasherError('absent', `${name}: ${spec.tool}: ${messageOf(error)}`, { cause: error });
	}
};

interface Run {
	readonly words: readonly string[];
	readonly withinMs: number;
	readonly signal?: AbortSignal | undefined;
	readonly onText?: ((text: string) => void) | undefined;
}

const run = async ({ name, spec, logFile, env = {} }: ToolFlasherOptions, { words, withinMs, signal, onText }: Run): Promise<string> => {
	const [program = '', ...args] = words;
	const what = `${name}: ${program}`;
	assertWanted(what, signal);
	const running = execa(program, args, {
		env,
		all: true,
		reject: false,
		stdin: 'ignore',
		timeout: Math.max(1, withinMs),
		forceKillAfterDelay: 1000,
		maxBuffer: 2 ** 22,
		...(signal === undefined ? {} : { cancelSignal: signal }),
	});
	running.all.on('data', (chunk: Buffer) => onText?.(chunk.toString('latin1')));
	const result = await running;
	if (logFile !== undefined) await appendFile(logFile, `$ ${words.join(' ')}\n${result.all}\n[${spec.tool}: ${result.exitCode ?? result.shortMessage}]\n`);
	if (result.timedOut) throw new FlasherError('timeout', `${what}: no end in ${Math.round(withinMs)} ms; ${lastOf(result.all)}`);
	assertWanted(what, signal);
	if (result.code === 'ENOENT') throw new FlasherError('absent', `${what}: is not installed`);
	if (result.exitCode !== 0) throw new FlasherError('failed', `${what}: exit code ${result.exitCode}: ${lastOf(result.all)}`);
	return result.all;
};

const assertWanted = (what: string, signal: AbortSignal | undefined): void => {
	if (signal?.aborted === true) throw new FlasherError('aborted', `${what}: was called off`, { cause: signal.reason });
};

const lastOf = (text: string): string =>
	JSON.stringify(
		text
			.trim()
			.split(/[\r\n]+/)
			.slice(-3)
			.join(' / ')
			.slice(-300),
	);

/** The newest percentage in what a tool says; it never goes back, and a tool that writes several parts begins anew without being heard. */
const createProgress = (onProgress: (ratio: number) => void): ((text: string) => void) => {
	let rest = '';
	let best = 0;
	return (text) => {
		rest = (rest + text).slice(-200);
		for (const [, percent] of rest.matchAll(/\b(\d{1,3})(?:\.\d+)? ?%/g)) {
			const ratio = Math.min(1, Number(percent) / 100);
			if (ratio <= best) continue;
			best = ratio;
			onProgress(ratio);
		}
	};
};
