import { type BootloaderName, BOOTLOADER_NAMES, isBootloaderName } from '../../../bootloader/index.js';
import type { TearMode } from '../../../faults/index.js';
import { UsageError } from '../../usage-error.js';

/** The device whose update is cut, and what every random choice of its world derives from. */
export interface SessionTarget {
	/** Of the fleet's hardware. */
	readonly profile: string;
	/** Null: the hardware's own. */
	readonly bootloader: BootloaderName | null;
	readonly seed: string;
}

/** A moment at which power goes; operations and messages are counted from 0, from the start of the update or from the cut before. */
export type SessionCut =
	| { readonly at: 'operation'; readonly operation: number; readonly tear: SessionTear; readonly seed: number }
	| { readonly at: 'message'; readonly message: number };

export type SessionTear = Exclude<TearMode, 'before'>;
/** The mildest first. */
export const SESSION_TEARS: readonly SessionTear[] = ['after', 'half', 'prefix', 'bits', 'unreadable'];

/**
 * What replays one session: one line of text, safe in a shell.
 *
 * ```
 * explore/session:profile=sensor:bootloader=ab:seed=1:cuts=operation.37.half.0,message.3
 * ```
 *
 * Without `bootloader=` the device has the one of its hardware. A second cut is counted from the first.
 */
export interface SessionCase extends SessionTarget {
	readonly cuts: readonly SessionCut[];
}

export const SESSION_CASE_PREFIX = 'explore/session:';

export const encodeSessionCase = ({ profile, bootloader, seed, cuts }: SessionCase): string =>
	`${SESSION_CASE_PREFIX}profile=${profile}${bootloader === null ? '' : `:bootloader=${bootloader}`}:seed=${seed}:cuts=${cuts.map(encodeCut).join()}`;

const encodeCut = (cut: SessionCut): string => (cut.at === 'message' ? `message.${cut.message}` : `operation.${cut.operation}.${cut.tear}.${cut.seed}`);

/** Throws a UsageError that says which part of the text is no case. */
export const parseSessionCase = (text: string): SessionCase => {
	const values = new Map<string, string>();
	for (const field of text.slice(SESSION_CASE_PREFIX.length).split(':')) {
		const [, name = '', value = ''] = /^(profile|bootloader|seed|cuts)=(.+)$/.exec(field) ?? [];
		if (name === '' || values.has(name)) throw new UsageError(`case: '${field}' is no part of a session's case, or stands there twice`);
		values.set(name, value);
	}
	const wanted = (name: string): string => {
		const value = values.get(name);
		if (value === undefined) throw new UsageError(`case: ${name}= was expected, it is not there`);
		return value;
	};
	const seed = wanted('seed');
	if (!/^\d{1,16}$/.test(seed)) throw new UsageError(`case: seed= should hold a whole number, got '${seed}'`);
	const cuts = wanted('cuts').split(',').map(parseCut);
	if (cuts.length > MOST_CUTS) throw new UsageError(`case: cuts= at most ${MOST_CUTS} were expected, got ${cuts.length}`);
	return { profile: wanted('profile'), bootloader: values.has('bootloader') ? parseBootloader(wanted('bootloader')) : null, seed, cuts };
};

export const MOST_CUTS = 2;

const parseBootloader = (name: string): BootloaderName => {
	if (isBootloaderName(name)) return name;
	throw new UsageError(`case: bootloader= one of ${BOOTLOADER_NAMES.join(', ')} was expected, got '${name}'`);
};

const parseCut = (text: string): SessionCut => {
	const [, operation, tear = '', seed, message] = /^(?:operation\.(\d{1,7})\.([a-z]+)\.(\d{1,4})|message\.(\d{1,7}))$/.exec(text) ?? [];
	if (message !== undefined) return { at: 'message', message: Number(message) };
	if (operation !== undefined && SESSION_TEARS.includes(tear as SessionTear))
		return { at: 'operation', operation: Number(operation), tear: tear as SessionTear, seed: Number(seed) };
	throw new UsageError(`case: a cut like operation.37.half.0 or message.3 was expected, got '${text}'; tears are ${SESSION_TEARS.join(', ')}`);
};
