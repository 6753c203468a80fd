import type { FlasherSpec } from '../../rig-file/index.js';
import { FlasherError } from './flasher-error.js';

/** Where and what a tool writes. */
export interface Writing {
	/** Of the area's name in the type. */
	readonly area: string;
	readonly address: number | undefined;
	readonly alt: number | undefined;
	readonly memory: string | undefined;
	readonly file: string;
}

export interface Reach {
	/** Path of the serial port, empty for a tool that needs none. */
	readonly port: string;
	/** Serial number of the debug probe, empty where the rig file names none. */
	readonly probe: string;
}

/** How one tool is called, and what it says. */
export interface ToolTemplate {
	/** Asks the device, or the probe it hangs on, who it is; undefined where the tool cannot. */
	readonly identify?: (reach: Reach) => readonly string[];
	/** In what `identify` says: each group `id` is one thing the device is known by. */
	readonly identity?: RegExp;
	readonly write: (reach: Reach, writing: Writing) => readonly string[];
	/** Must be said by a write that went well; undefined for a tool whose exit code is believed. */
	readonly verified?: RegExp;
}

type SpecOf<Tool> = Extract<FlasherSpec, { readonly tool: Tool }>;

const hex = (address: number | undefined): string => `0x${(address ?? 0).toString(16)}`;
const withProbe = (option: string, probe: string): readonly string[] => (probe === '' ? [] : [option, probe]);

export const templateOf = (spec: Exclude<FlasherSpec, { readonly tool: 'virtual' }>): ToolTemplate => {
	switch (spec.tool) {
		case 'esptool':
			return esptool(spec);
		case 'openocd':
			return openocd(spec);
		case 'pyocd':
			return {
				identify: () => ['pyocd', 'list', '--probes'],
				identity: /^\s*\d+\s.*?\s(?<id>[0-9A-Fa-f]{8,})\s/gm,
				write: ({ probe }, { file, address }) => [
					...['pyocd', 'flash', '--target', spec.target, ...withProbe('--uid', probe), '--format', 'bin'],
					...['--base-address', hex(address), ...spec.args, file],
				],
			};
		case 'dfu-util':
			return {
				identify: () => ['dfu-util', '--list', '--device', spec.device],
				identity: /\bserial="(?<id>[^"]+)"/g,
				write: ({ probe }, { file, address, alt }) => [
					...['dfu-util', '--device', spec.device, ...withProbe('--serial', probe), '--alt', String(alt ?? 0)],
					...[...(address === undefined ? [] : ['--dfuse-address', hex(address)]), ...spec.args, '--download', file],
				],
				verified: /File downloaded successfully|\bDone!/,
			};
		case 'st-flash':
			return {
				identify: () => ['st-info', '--probe'],
				identity: /^\s*serial:\s+(?<id>[0-9A-Fa-f]+)/gm,
				write: ({ probe }, { file, address }) => ['st-flash', ...withProbe('--serial', probe), ...spec.args, 'write', file, hex(address)],
				verified: /jolly good/,
			};
		case 'avrdude':
			return avrdude(spec);
		case 'command':
			return command(spec);
	}
};

const esptool = ({ chip, baud, args }: SpecOf<'esptool'>): ToolTemplate => {
	const base = (port: string): readonly string[] => ['esptool', '--chip', chip, '--port', port, '--baud', String(baud)];
	return {
		identify: ({ port }) => [...base(port), 'read_mac'],
		identity: /^\s*(?:BASE )?MAC:\s+(?<id>[0-9a-fA-F:]{17,23})/gm,
		write: ({ port }, { file, address }) => [...base(port), 'write_flash', ...args, hex(address), file],
		verified: /Hash of data verified/,
	};
};

/** The probe is what it is known by: openocd itself refuses to begin without the one that is named. */
const openocd = ({ config, args }: SpecOf<'openocd'>): ToolTemplate => {
	const base = (probe: string): readonly string[] => [
		...['openocd', ...config.flatMap((file) => ['-f', file])],
		...(probe === '' ? [] : ['-c', `adapter serial ${probe}`]),
		...args,
	];
	return {
		identify: ({ probe }) => [...base(probe), '-c', `init; echo "probe ${probe === '' ? 'unnamed' : probe}"; shutdown`],
		identity: /^probe (?<id>\S+)$/gm,
		write: ({ probe }, { file, address }) => [...base(probe), '-c', `program {${file}} ${hex(address)} verify reset exit`],
		verified: /\*\* Verified OK \*\*/,
	};
};

const avrdude = ({ part, programmer, baud, args }: SpecOf<'avrdude'>): ToolTemplate => {
	const base = ({ port }: Reach): readonly string[] => [
		...['avrdude', '-p', part, '-c', programmer, ...(port === '' ? [] : ['-P', port])],
		...(baud === undefined ? [] : ['-b', String(baud)]),
		...args,
	];
	return {
		identify: (reach) => base(reach),
		identity: /Device signature = (?<id>(?:0x)?[0-9a-fA-F]+(?: [0-9a-fA-F]{2})*)/g,
		write: (reach, { file, memory }) => [...base(reach), '-U', `${memory ?? 'flash'}:w:${file}:r`],
		verified: /bytes of \w+ verified/,
	};
};

const command = ({ write, identify, identity, args }: SpecOf<'command'>): ToolTemplate => ({
	...(identify === undefined ? {} : { identify: (reach: Reach) => fill(identify, { ...reach }) }),
	...(identity === undefined ? {} : { identity: new RegExp(identity.source, `${identity.flags}g`) }),
	write: ({ port, probe }, { area, file, address }) => [...fill(write, { port, probe, area, file, address: hex(address) }), ...args],
});

/** Throws a FlasherError `configuration` for a word in braces that nothing stands for. */
const fill = (words: readonly string[], values: Readonly<Record<string, string>>): readonly string[] =>
	words.map((word) =>
		word.replaceAll(/\{(\w+)\}/g, (_whole, key: string) => {
			const value = values[key];
			if (value === undefined)
				throw new FlasherError(
					'configuration',
					`flasher command: {${key}}: one of ${Object.keys(values)
						.map((known) => `{${known}}`)
						.join(', ')} was expected`,
				);
			return value;
		}),
	);
