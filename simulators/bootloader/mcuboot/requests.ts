import { BootError } from '../../../harness/bootloader/index.js';
import { FlashError } from '../../../harness/flash/index.js';
import type { McubootParts } from './swap-progress.js';

/**
 * An application's request, as boot_set_next writes it. A request that stands is no change, so that a trial cannot be turned
 * into a request for good; what power left of one is erased with the whole slot, and refused.
 */
export const requestSwap = ({ secondary, rules }: McubootParts, options: { readonly isPermanent: boolean }): void =>
	refusingDamage('request', () => {
		const { trailer } = secondary;
		const magic = trailer.readMagic();
		if (magic === 'good') return;
		if (magic === 'bad') {
			secondary.eraseAll();
			throw new BootError('record-damaged', 'request: a slot with or without a request was expected, its trailer was torn; the slot is erased');
		}
		for (const field of rules.requestFields) {
			if (field === 'magic') trailer.writeMagic();
			else if (field === 'image-ok' && options.isPermanent) trailer.writeImageOk();
			else if (field === 'swap-info') trailer.writeSwapInfo(options.isPermanent ? 'perm' : 'test');
		}
	});

/** An application's confirm of itself. Without a trailer there is nothing to confirm; a flag that is not blank counts as confirmed. */
export const confirmRunning = ({ primary, rules }: McubootParts): void =>
	refusingDamage('confirm', () => {
		const { trailer } = primary;
		const { magic, imageOk } = trailer.read();
		if (magic === 'bad') throw new BootError('record-damaged', 'confirm: a trailer or none was expected in the primary slot, it is torn');
		if (magic === 'unset' || imageOk !== 'unset') return;
		if (rules.confirmRewrites) {
			primary.eraseTrailer();
			trailer.writeCopyDone();
			trailer.writeMagic();
		}
		trailer.writeImageOk();
	});

/** Flash that does not give or take what is asked for is an error code to the application, not its end. */
const refusingDamage = (what: string, work: () => void): void => {
	try {
		work();
	} catch (error) {
		if (error instanceof FlashError) throw new BootError('record-damaged', `${what}: ${error.message}`);
		throw error;
	}
};
