import { FlashError } from './flash-error.js';
import type { FlashPort } from './flash-port.js';

/** Where something lies in flash. */
export interface FlashArea {
	readonly offsetBytes: number;
	readonly sizeBytes: number;
}

/**
 * Erases an area of whole sectors, programs `bytes` at its start (padded to whole units with erased bytes) and reads
 * them back; a supply that sags lets programs lie, so it tries as often as `attempts`, default 3. False: the bytes never
 * came out right, or the area is worn.
 */
export const rewriteArea = (flash: FlashPort, options: { readonly area: FlashArea; readonly bytes: Uint8Array; readonly attempts?: number }): boolean => {
	const { area, bytes } = options;
	const padded = padToUnits(bytes, flash);
	if (padded.length > area.sizeBytes) throw new RangeError(`bytes: at most ${area.sizeBytes} were expected, got ${padded.length}`);
	for (let attempt = 0; attempt < (options.attempts ?? 3); attempt++) {
		try {
			flash.erase(area.offsetBytes, area.sizeBytes);
			flash.program(area.offsetBytes, padded);
			if (flash.isHolding(area.offsetBytes, padded)) return true;
		} catch (error) {
			if (error instanceof FlashError && error.code === 'worn') return false;
			throw error;
		}
	}
	return false;
};

/** The bytes of an area, null where a unit in it is in error: for readers that treat such an area as empty. */
export const readWhole = (flash: FlashPort, area: FlashArea): Uint8Array | null => {
	try {
		return flash.read(area.offsetBytes, area.sizeBytes);
	} catch (error) {
		if (error instanceof FlashError && error.code === 'unreadable') return null;
		throw error;
	}
};

export const padToUnits = (bytes: Uint8Array, flash: FlashPort): Uint8Array => {
	const { writeSizeBytes, erasedByte } = flash.geometry;
	const padded = new Uint8Array(Math.ceil(bytes.length / writeSizeBytes) * writeSizeBytes).fill(erasedByte);
	padded.set(bytes);
	return padded;
};
