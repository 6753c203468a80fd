import type { Subject, SubjectImage } from '../../harness/explorer/index.js';
import { ImageError, parseImage } from '../../harness/firmware/index.js';
import { FirmwareModule } from './firmware-module.js';
import type { ModuleLayout } from './layout/index.js';
import { createModuleBootloader } from './module-bootloader.js';
import { ModuleError } from './module-error.js';

/**
 * A firmware module as the explorer walks it, with the images that devices run and update to. Throws a ModuleError for a
 * module that cannot be asked for what the layout promises, and a RangeError that begins with `from` or `to` for an image
 * that its slot does not hold.
 */
export const createModuleSubject = (
	name: string,
	options: { readonly module: Uint8Array; readonly layout: ModuleLayout; readonly from: Uint8Array; readonly to: Uint8Array },
): Subject => {
	const { layout } = options;
	const { trial, runs } = layout;
	const module = new FirmwareModule(options.module, layout.limits);
	assertPromises(module, layout);
	return {
		name,
		geometry: layout.geometry,
		layout: layout.layout,
		images: [imageOf('from', options), imageOf('to', options)],
		contract: { trialBoots: trial.boots, reverts: trial.reverts },
		create: (parts) => createModuleBootloader(module, { ...parts, layout: layout.layout, runs, hasPermanent: trial.permanent }),
		// The module judges images itself.
		judge: () => ({ ok: false, reason: 'nobody asks' }),
		knownLimits: [],
	};
};

const assertPromises = (module: FirmwareModule, { trial }: ModuleLayout): void => {
	if (!module.has('mark_pending')) throw new ModuleError('module: an export mark_pending was expected, without which nobody can ask it for an update');
	if (trial.reverts && !module.has('confirm')) throw new ModuleError('module: an export confirm was expected, or trial.reverts: false in the layout');
};

const imageOf = (end: 'from' | 'to', options: { readonly layout: ModuleLayout; readonly from: Uint8Array; readonly to: Uint8Array }): SubjectImage => {
	const bytes = options[end];
	const { layout, securityCounters } = options.layout;
	const largestBytes = Math.min(layout.slotA.sizeBytes, layout.slotB.sizeBytes);
	if (bytes.length === 0 || bytes.length > largestBytes)
		throw new RangeError(`${end}: 1 to ${largestBytes} bytes were expected, as the slots hold, got ${bytes.length}`);
	return { bytes, securityCounter: securityCounters?.[end] ?? securityCounterOf(bytes), isAuthentic: true };
};

/** Of an MCUboot image; 0 for a format of the user's own, whose counters stand in the layout. */
const securityCounterOf = (bytes: Uint8Array): number => {
	try {
		return parseImage(bytes).securityCounter ?? 0;
	} catch (error) {
		if (error instanceof ImageError) return 0;
		throw error;
	}
};
