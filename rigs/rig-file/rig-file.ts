import type { z } from 'zod';
import type { BoardType } from './board-type-schema.js';
import type { flasherSchema } from './flasher-schema.js';
import type { gpioLine, heldLine } from './line-schema.js';
import type { powerSchema } from './power-schema.js';
import type { BoardData, RigData } from './rig-schema.js';
import type { usbMatch } from './serial-schema.js';

/** A rig as its file says: durations in milliseconds, voltages in volts, sizes in bytes, patterns compiled, paths absolute. */
export interface RigFile {
	/** As it was given. */
	readonly path: string;
	readonly name: string;
	readonly description: string | undefined;
	/** SHA-256 over the file and the files of its board types, hex: belongs into every report. */
	readonly sha256: string;
	/** In the order of the file. */
	readonly boards: readonly BoardSpec[];
	/** Names of boards by group. */
	readonly groups: Readonly<Record<string, readonly string[]>>;
	readonly broker: RigData['broker'];
	/** Where boards with a network of their own find the update service; undefined where none has one. */
	readonly service: RigData['service'];
	readonly gpio: RigData['gpio'];
}

/** One board of a rig, with what its type says filled in. */
export interface BoardSpec {
	readonly name: string;
	readonly type: BoardType;
	readonly backend: BoardData['backend'];
	readonly virtual: NonNullable<BoardData['virtual']>;
	readonly identity: BoardData['identity'];
	readonly console: ConsoleSpec;
	readonly lines: { readonly reset?: HeldLineSpec | undefined; readonly boot?: HeldLineSpec | undefined };
	/** Undefined where nothing switches its power. */
	readonly power: PowerSpec | undefined;
	readonly flasher: FlasherSpec | undefined;
	readonly fixtures: readonly string[];
	readonly limits: BoardData['limits'];
	/** The preferred one first. */
	readonly updates: BoardType['updates'];
	/** Who it is at the update service, where its rig file says so. */
	readonly network: NonNullable<BoardData['network']>;
	/** Files of images, absolute; the type's where the board has none of its own. */
	readonly images: BoardData['images'];
	readonly notes: string | undefined;
}

export type UsbMatch = z.output<typeof usbMatch>;
export type GpioLineSpec = z.output<typeof gpioLine>;
export type HeldLineSpec = z.output<typeof heldLine>;

/** Where a serial port is found: by what identifies it, by a path that stays, or made by the backend of the board. */
export type SerialAddress =
	| { readonly kind: 'usb'; readonly match: UsbMatch }
	| { readonly kind: 'path'; readonly path: string }
	| { readonly kind: 'backend' };

export interface ConsoleSpec {
	readonly address: SerialAddress;
	readonly baud: number;
	readonly openWhen: BoardType['console']['openWhen'];
	readonly lines: BoardType['console']['lines'];
}

type PowerData = z.output<typeof powerSchema>;
type WithOffTime<Power> = Power extends unknown ? Omit<Power, 'offTime'> & { readonly offTime: number } : never;
/** One of the power drivers, discriminated by `driver`. */
export type PowerSpec = WithOffTime<PowerData>;
export type PowerDriver = PowerSpec['driver'];
export type PowerSpecOf<Driver extends PowerDriver> = Extract<PowerSpec, { driver: Driver }>;
export type SenseSpec = PowerSpec['sense'];

type FlasherData = z.output<typeof flasherSchema>;
/** One of the flashing tools, discriminated by `tool`, and how it reaches this board. */
export type FlasherSpec = FlasherData & {
	/** The port it talks through; undefined where it needs none. The console's own where the board names no other. */
	readonly address: SerialAddress | undefined;
	/** The port is that of the console, which lets it go while the flasher works. */
	readonly sharesConsole: boolean;
	/** Serial number of its debug probe. */
	readonly probe: string | undefined;
};
export type FlasherTool = FlasherSpec['tool'];
