import type { Bootloader } from '../../../harness/bootloader/index.js';
import type { FlashPort } from '../../../harness/flash/index.js';
import type { BootloaderOptions } from '../bootloader-options.js';
import { BOOT_SETTING_DEFAULTS } from '../bootloader-options.js';
import { McubootBootloader } from './mcuboot-bootloader.js';
import { largestOverwritableBytes } from './overwrite.js';
import { type McubootName, type McubootRules, rulesOf } from './rules.js';
import { SlotPart } from './slot-part.js';
import { createSwapMove } from './swap-move.js';
import { createSwapOffset } from './swap-offset.js';
import type { McubootParts, SwapStrategy } from './swap-progress.js';
import { createSwapScratch } from './swap-scratch.js';

export interface CreateMcubootOptions extends BootloaderOptions {
	/** Rules in place of the right ones: for proofs that a wrong one is found. */
	readonly rules?: Partial<McubootRules>;
}

/**
 * One of MCUboot's four, for one image. Throws a RangeError for layouts that MCUboot would refuse.
 */
export const createMcuboot = (name: McubootName, options: CreateMcubootOptions): Bootloader => {
	const { flash, layout, judge, counter } = options;
	const { preventsDowngrade = BOOT_SETTING_DEFAULTS.preventsDowngrade } = options.settings;
	const { erasedByte } = flash.geometry;
	const { parts, strategy, largestImageBytes, updateAtBytes } = buildOf(name, options);
	return new McubootBootloader({ name, layout, parts, strategy, largestImageBytes, updateAtBytes, erasedByte, preventsDowngrade, judge, counter });
};

/** A bootloader as it was built for a flash: nothing in it changes from boot to boot. */
interface Build {
	readonly name: McubootName;
	readonly layout: BootloaderOptions['layout'];
	readonly settings: BootloaderOptions['settings'];
	readonly rules: Partial<McubootRules> | undefined;
	readonly parts: McubootParts;
	/** Null: overwrite-only. */
	readonly strategy: SwapStrategy | null;
	readonly largestImageBytes: number;
	readonly updateAtBytes: number;
}

/** The last build for each flash: one is created anew for every boot. */
const BUILDS = new WeakMap<FlashPort, Build>();

const buildOf = (name: McubootName, options: CreateMcubootOptions): Build => {
	const { flash, layout, settings, rules } = options;
	const last = BUILDS.get(flash);
	if (last !== undefined && last.name === name && last.layout === layout && last.settings === settings && last.rules === rules) return last;
	const build = { name, layout, settings, rules, ...buildParts(name, options) };
	BUILDS.set(flash, build);
	return build;
};

const buildParts = (name: McubootName, options: CreateMcubootOptions): Pick<Build, 'parts' | 'strategy' | 'largestImageBytes' | 'updateAtBytes'> => {
	const { flash, layout } = options;
	const { maxSectors = BOOT_SETTING_DEFAULTS.maxSectors } = options.settings;
	const { writeSizeBytes, erasedByte } = flash.geometry;
	const shape = { writeSizeBytes, maxAlignBytes: Math.max(8, writeSizeBytes), maxSectors, swapsByOffset: name === 'mcuboot-swap-offset' };
	const primary = new SlotPart(flash, { name: 'slotA', area: layout.slotA, shape });
	const secondary = new SlotPart(flash, { name: 'slotB', area: layout.slotB, shape });
	const needed = name === 'mcuboot-swap-scratch' ? layout.scratch : null;
	if (name === 'mcuboot-swap-scratch' && needed === null) throw new RangeError('layout.scratch: an area was expected, got none');
	// The scratch area keeps the status of one region only.
	const scratch = needed === null ? null : new SlotPart(flash, { name: 'scratch', area: needed, shape: { ...shape, maxSectors: 1 } });
	assertSlots(name, { primary, secondary, maxSectors });
	const parts: McubootParts = {
		primary,
		secondary,
		scratch,
		rules: { ...rulesOf(name), ...options.rules },
		validatesPrimary: options.settings.verifyEveryBoot,
	};
	const strategy = createStrategy(name, { parts, erasedByte });
	const largestImageBytes = strategy?.largestImageBytes ?? largestOverwritableBytes(parts);
	if (largestImageBytes <= 0) throw new RangeError(`layout: room for an image beside the trailer was expected, got slots of ${primary.area.sizeBytes} bytes`);
	return { parts, strategy, largestImageBytes, updateAtBytes: name === 'mcuboot-swap-offset' ? (secondary.sectors[1]?.offsetBytes ?? 0) : 0 };
};

const createStrategy = (name: McubootName, options: { readonly parts: McubootParts; readonly erasedByte: number }): SwapStrategy | null => {
	const { parts } = options;
	if (name === 'mcuboot-swap-move') return createSwapMove(parts, options);
	if (name === 'mcuboot-swap-offset') return createSwapOffset(parts, options);
	return parts.scratch === null ? null : createSwapScratch({ ...parts, scratch: parts.scratch }, options);
};

/** Throws a RangeError for more sectors than the status has entries for, or slots whose sectors do not answer each other. */
const assertSlots = (name: McubootName, options: { readonly primary: SlotPart; readonly secondary: SlotPart; readonly maxSectors: number }): void => {
	const { primary, secondary, maxSectors } = options;
	if (primary.sectors.length > maxSectors) throw new RangeError(`layout.slotA: at most ${maxSectors} sectors were expected, got ${primary.sectors.length}`);
	const more = primary.sectors.length - secondary.sectors.length;
	const allowed: Record<McubootName, readonly number[] | null> = {
		'mcuboot-swap-move': [0, 1],
		'mcuboot-swap-offset': [0, -1],
		'mcuboot-swap-scratch': null,
		'mcuboot-overwrite': [0],
	};
	if (allowed[name] === null || allowed[name].includes(more)) return;
	throw new RangeError(
		`layout: ${name} takes a primary of ${allowed[name].join(' or ')} sectors more than the secondary, got ${primary.sectors.length} and ${secondary.sectors.length}`,
	);
};
