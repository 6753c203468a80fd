import type { DeviceOutcome, DeviceState } from './device-event.js';

/** What a walk through a bootloader's states leaves for maps and charts; they lie between its `scenario-started` and `scenario-ended`. */
export type ExplorerEvent =
	/** One plain update, from the first erase to the return of what nobody confirmed, cut once at each operation and in each way; rows in the order of time. */
	| { readonly kind: 'explorer-cut-map'; readonly bootloader: string; readonly tears: string; readonly rows: readonly CutMapRow[] }
	/** One session of a device of the fleet, cut at each operation and each message; rows in that order. */
	| { readonly kind: 'explorer-session-map'; readonly tears: string; readonly rows: readonly SessionMapRow[] }
	/** How far away things are; an entry for each number of power losses, from 0 on. */
	| { readonly kind: 'explorer-depths'; readonly depths: readonly DepthCount[] }
	/** How long power must stay, counted in flash operations, for an update to get anywhere. */
	| { readonly kind: 'explorer-uptime'; readonly rows: readonly UptimeRow[] };

export interface CutMapRow {
	/** `write`: the application erases the other slot and writes the image; `update`: the boot that takes it; `return`: boots after it, unconfirmed. */
	readonly phase: 'write' | 'request' | 'update' | 'return';
	/** As in a case: `erase`, `write-1`, `trial`, `boot`. */
	readonly step: string;
	/** From 0, in its step. */
	readonly operation: number;
	readonly operationKind: 'program' | 'erase' | 'counter';
	/** As in a case: `after`: done; `half`, `prefix`, `bits`, `unreadable`, `disturbed`, `weak`: torn. */
	readonly tear: string;
	/** What runs once power is stable, and after how many of the tears tried, which differ by their seed. */
	readonly outcomes: Readonly<Partial<Record<CutOutcome, number>>>;
}

export interface SessionMapRow {
	readonly at: 'operation' | 'message';
	/** Flash operations and messages are each counted from 0, from the start of the session. */
	readonly place: number;
	/** As in a case; of a message `after`. */
	readonly tear: string;
	/** What the device was doing, and what power hit. */
	readonly state: DeviceState;
	readonly form: string;
	/** What became of the device, and after how many cuts there, a second one included; `broken`: it broke a promise. */
	readonly outcomes: Readonly<Partial<Record<DeviceOutcome | 'broken', number>>>;
}

/** `image-0` is the old one, `image-1` the update; `mix`: what runs is no released image; `none`: nothing runs, ever. */
export type CutOutcome = `image-${number}` | 'mix' | 'none' | 'trap' | 'endless';

export interface DepthCount {
	readonly cuts: number;
	/** Of flash, not reached with fewer. */
	readonly states: number;
	/** States with what is believed of the device and where it is, not reached with fewer. */
	readonly situations: number;
}

/** What resets leave of an update when they come again and again, each boot being cut after so many flash operations. */
export interface UptimeRow {
	/** `update`: the boot that takes it; `return`: the boots that give it back, unconfirmed. */
	readonly phase: 'update' | 'return';
	/** Flash operations where nothing resets it. */
	readonly operations: number;
	/** The fewest operations between two resets, such that with them and with any more it comes to its end; null: it never does. */
	readonly leastUptime: number | null;
	/** Boots until then, with so few. */
	readonly boots: number;
}
