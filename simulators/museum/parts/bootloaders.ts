import { readImage } from '../../../harness/firmware/index.js';
import { type FlashArea, readWhole } from '../../../harness/flash/index.js';
import { type BootloaderOptions, createAbBootloader, type ImageVerdict, type Slot } from '../../bootloader/index.js';
import type { DeviceParts } from '../../device/index.js';
import { overriding } from './overriding.js';

type CreateBootloader = DeviceParts['createBootloader'];

/** Keeps one record, erased and then rewritten, and knows no way on without it. */
export const createSingleRecordBootloader: CreateBootloader = (options) => {
	const bootloader = createAbBootloader(withOneRecord(options));
	return overriding(bootloader, {
		boot: () => (bootloader.state() === null ? { kind: 'none', reason: 'the boot record is lost' } : bootloader.boot()),
	});
};

/** Keeps one record, erased and then rewritten, and runs the factory's slot where it is lost. */
export const createFactoryFallbackBootloader: CreateBootloader = (options) => {
	const bootloader = createAbBootloader(withOneRecord(options));
	return overriding(bootloader, {
		boot: () => {
			if (bootloader.state() === null) bootloader.provision('a');
			return bootloader.boot();
		},
	});
};

/** Stops at a word of its records that cannot be read. */
export const createEccFatalBootloader: CreateBootloader = (options) => {
	const bootloader = createAbBootloader(options);
	return overriding(bootloader, {
		boot: () =>
			options.layout.records.some((area) => readWhole(options.flash, area) === null)
				? { kind: 'none', reason: 'reading the boot record failed: ECC error' }
				: bootloader.boot(),
	});
};

/** Looks for a header and for nothing else: no hash, no signature, no hardware. */
export const createCredulousBootloader: CreateBootloader = (options) =>
	createAbBootloader({ ...options, judge: { judge: (area) => judgeHeader(options, area) } });

/** Runs whatever it is told to, again and again. */
export const createUnseeingBootloader: CreateBootloader = (options) =>
	createAbBootloader({
		...options,
		settings: { ...options.settings, trialBoots: 255 },
		judge: { judge: () => ({ ok: true, version: { major: 1, minor: 0, revision: 0, build: 0 }, securityCounter: 0, digest: '' }) },
	});

/** Lets one sort of objection to an image pass, whatever else it checks. */
export const createForgivingBootloader =
	(objection: RegExp): CreateBootloader =>
	(options) => {
		const judge = (area: FlashArea): ImageVerdict => {
			const verdict = options.judge.judge(area);
			return verdict.ok || !objection.test(verdict.reason) ? verdict : judgeHeader(options, area);
		};
		return createAbBootloader({ ...options, judge: { judge } });
	};

/** Raises the counter and never holds an image against it. */
export const createCounterBlindBootloader: CreateBootloader = (options) => {
	const { counter } = options;
	return createAbBootloader({ ...options, counter: { read: () => 0, advance: (to) => to > counter.read() && counter.advance(to) } });
};

/** Sets the counter to that of the image it confirms, up or down. */
export const createCounterFollowingBootloader: CreateBootloader = (options) =>
	createAbBootloader({ ...options, counter: { read: () => 0, advance: (to) => options.counter.advance(to) } });

/** Raises the counter as soon as an image is put on trial. */
export const createCounterBurningBootloader: CreateBootloader = (options) => {
	const bootloader = createAbBootloader(options);
	return overriding(bootloader, {
		requestTrial: (slot) => {
			bootloader.requestTrial(slot);
			const verdict = options.judge.judge(slot === 'a' ? options.layout.slotA : options.layout.slotB);
			if (verdict.ok) options.counter.advance(Math.max(options.counter.read(), verdict.securityCounter));
		},
	});
};

/** Takes the counter of a confirmed image from where nobody signed it. */
export const createUnsignedCounterBootloader: CreateBootloader = (options) => {
	const bootloader = createAbBootloader(options);
	return overriding(bootloader, {
		confirm: () => {
			bootloader.confirm();
			options.counter.advance(UNSIGNED_COUNTER);
		},
	});
};
const UNSIGNED_COUNTER = 99;

/** Gives a trial boot after boot, as if it had no other image to return to. */
export const createNeverRevertingBootloader: CreateBootloader = (options) =>
	createAbBootloader({ ...options, settings: { ...options.settings, trialBoots: 255 } });

/** Says yes to a confirm and writes nothing. */
export const createUnconfirmingBootloader: CreateBootloader = (options) => overriding(createAbBootloader(options), { confirm: () => {} });

/** Takes a request for a trial for a request for good. */
export const createPermanentBootloader: CreateBootloader = (options) => {
	const bootloader = createAbBootloader(options);
	return overriding(bootloader, {
		boot: () => {
			const decision = bootloader.boot();
			return decision.kind === 'run' ? { ...decision, trial: false } : decision;
		},
	});
};

/** Forgets that it gave an image up, however often it is told that this is known. */
export const createUnforgettingBootloader: CreateBootloader = (options) => overriding(createAbBootloader(options), { acknowledgeRevert: () => {} });

/** Runs the slot that was written last, asked to or not. */
export const createNewestFirstBootloader: CreateBootloader = (options) => {
	const bootloader = createAbBootloader(options);
	return overriding(bootloader, {
		boot: () => {
			const decision = bootloader.boot();
			const [a, b] = [options.judge.judge(options.layout.slotA), options.judge.judge(options.layout.slotB)];
			if (decision.kind === 'none' || !a.ok || !b.ok) return decision;
			const newest: Slot = a.version.major > b.version.major ? 'a' : 'b';
			return newest === decision.slot ? decision : { kind: 'run', slot: newest, trial: false, reverted: false, attempt: 0 };
		},
	});
};

const withOneRecord = (options: BootloaderOptions): BootloaderOptions => {
	const record = options.layout.records[0] as FlashArea;
	return { ...options, layout: { ...options.layout, records: [record, record] } };
};

/** The counter is not what such an image is refused for: it is as high as it must be. */
const judgeHeader = ({ flash, counter }: BootloaderOptions, area: FlashArea): ImageVerdict => {
	const bytes = readWhole(flash, area);
	const header = bytes === null ? undefined : readImage(bytes).header;
	return header === undefined ? { ok: false, reason: 'no header' } : { ok: true, version: header.version, securityCounter: counter.read(), digest: '' };
};
