import type { BlackstartEvent } from '../events/index.js';
import type { BoardPort, FleetOptions, FleetPort } from '../ports/index.js';
import type { Capability } from './capability.js';
import type { RunOptions } from './context.js';
import type { Reducer } from './reduction.js';

/** What a scenario can run on. */
export interface Target {
	/** Stands in reports and suites. */
	readonly name: string;
	readonly capabilities: readonly Capability[];
	/** Its name in the rig file, where it is a board. */
	readonly board?: string;
	/** Why nothing can run on it here; it has no capabilities then. */
	readonly unavailable?: string;
	openFleet?(context: TargetContext, options?: FleetOptions): Promise<OpenFleet>;
	/** Opens the board itself, or another one of its rig. */
	openBoard?(context: TargetContext, options: { readonly other: boolean }): Promise<OpenBoard>;
}

/** A board that is finished (watched for a last while) and then closed: left as its rig file calls safe, and given back. */
export interface OpenBoard extends BoardPort, AsyncDisposable {
	finish(): Promise<void>;
	/** Milliseconds since the case's first board was opened. */
	readonly nowMs: number;
}

/** A fleet that must be finished (its devices judged for the last time) and then closed. */
export interface OpenFleet extends FleetPort, AsyncDisposable {
	finish(): Promise<void>;
	/** The last flash operations of these devices, for people; where none is named, of devices that were left stuck or bricked. */
	describeFlash?(devices: readonly string[]): string;
	/** How what belongs to the harness, such as its broker, held the fleet up, where it did for long: what came late then is no fault of the product. */
	describeStall?(): string | undefined;
}

/** What a target gets from the case that opens it. */
export interface TargetContext {
	/** Names every random choice of the target. */
	readonly seed: string;
	readonly options: RunOptions;
	/** Says which devices, faults and waves of the case take part; absent: all. */
	readonly reducer?: Reducer;
	/** Whether no device's fate may depend on another's, not even on when the last of them is ready. Absent: it may. */
	readonly independent?: boolean;
	record(event: BlackstartEvent): void;
	/** Ends the case with `error` although its body still waits: a deadlock of virtual time, a broker that died. */
	abort(error: unknown): void;
}

const REGISTRY = Symbol.for('blackstart.targets');

/** The process's targets, shared by every instance of this module in it. */
const targets = (): Target[] => {
	const known = Reflect.get(globalThis, REGISTRY) as Target[] | undefined;
	if (known) return known;
	const created: Target[] = [];
	Reflect.set(globalThis, REGISTRY, created);
	return created;
};

/** Adds a target that scenarios of this process can run on; of several that fit, the one provided last is taken. */
export const provideTarget = (target: Target): void => {
	const list = targets();
	const at = list.findIndex(({ name }) => name === target.name);
	if (at >= 0) list.splice(at, 1);
	list.push(target);
};

/** The target of that board, as reports name it. */
export const nameOfBoard = (board: string): string => targets().find((target) => target.board === board)?.name ?? board;

/** The target that has all of `needs`, or why there is none; that board alone, where one is named. */
export const findTarget = (
	needs: readonly Capability[],
	{ board }: { readonly board?: string | undefined } = {},
): { readonly target: Target } | { readonly reason: string } => {
	const list = [...targets()].reverse().filter((target) => board === undefined || target.board === board);
	const target = list.find(({ capabilities }) => needs.every((need) => capabilities.includes(need)));
	if (target) return { target };
	const missing = list.map(
		({ name, capabilities, unavailable }) => unavailable ?? `${name} lacks ${needs.filter((need) => !capabilities.includes(need)).join(', ')}`,
	);
	return { reason: `needs ${needs.join(', ')}: ${missing.length > 0 ? missing.join('; ') : 'no target is available'}` };
};
