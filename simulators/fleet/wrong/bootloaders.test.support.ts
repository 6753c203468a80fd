import { readImage } from '../../../harness/firmware/index.js';
import { readWhole } from '../../../harness/flash/index.js';
import { type AbBootloaderOptions, type Bootloader, createAbBootloader, type ImageVerdict, type Slot } from '../../bootloader/index.js';

/** Keeps one record, erased and then rewritten, and knows no way on without it. */
export const createSingleRecordBootloader = (options: AbBootloaderOptions): Bootloader => {
	const [record] = options.layout.records;
	const bootloader = createAbBootloader({ ...options, layout: { ...options.layout, records: [record, record] } });
	return {
		...methodsOf(bootloader),
		boot: () => (bootloader.state() === null ? { kind: 'none', reason: 'the boot record is lost' } : bootloader.boot()),
	};
};

/** Looks for a header and for nothing else: no hash, no signature, no hardware. */
export const createCredulousBootloader = (options: AbBootloaderOptions): Bootloader =>
	createAbBootloader({ ...options, judge: { judge: (slot) => judgeHeader(options, slot) } });

/** Raises the counter and never holds an image against it. */
export const createCounterBlindBootloader = (options: AbBootloaderOptions): Bootloader => {
	const { counter } = options;
	return createAbBootloader({ ...options, counter: { read: () => 0, advance: (to) => to > counter.read() && counter.advance(to) } });
};

/** Gives a trial boot after boot, as if it had no other image to return to. */
export const createNeverRevertingBootloader = (options: AbBootloaderOptions): Bootloader =>
	createAbBootloader({ ...options, settings: { ...options.settings, trialBoots: 255 } });

/** Says yes to a confirm and writes nothing. */
export const createUnconfirmingBootloader = (options: AbBootloaderOptions): Bootloader => ({
	...methodsOf(createAbBootloader(options)),
	confirm: () => {},
});

const judgeHeader = ({ flash, layout }: AbBootloaderOptions, slot: Slot): ImageVerdict => {
	const bytes = readWhole(flash, slot === 'a' ? layout.slotA : layout.slotB);
	const header = bytes === null ? undefined : readImage(bytes).header;
	return header === undefined ? { ok: false, reason: 'no header' } : { ok: true, version: header.version, securityCounter: 0, digest: '' };
};

const methodsOf = (bootloader: Bootloader): Bootloader => ({
	provision: (slot) => bootloader.provision(slot),
	boot: () => bootloader.boot(),
	requestTrial: (slot) => bootloader.requestTrial(slot),
	confirm: () => bootloader.confirm(),
	acknowledgeRevert: () => bootloader.acknowledgeRevert(),
	state: () => bootloader.state(),
});
