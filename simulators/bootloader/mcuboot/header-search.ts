import { FlashError } from '../../../harness/flash/index.js';
import { isRevertAsked } from './asked-swap.js';
import { type HeaderPlace, readSlotHeader, type SlotHeader, UNREADABLE_HEADER } from './slot-image.js';
import type { McubootParts, SwapProgress, SwapStrategy } from './swap-progress.js';

export interface HeaderSearchOptions {
	readonly parts: McubootParts;
	/** Null: overwrite-only. */
	readonly strategy: SwapStrategy | null;
	/** From the secondary's start to the image that an application puts there. */
	readonly updateAtBytes: number;
	readonly erasedByte: number;
}

/** The headers of both images as the loader last found them: at the start of their slots, or wherever a swap has taken them. */
export class HeaderSearch {
	primary: SlotHeader = UNREADABLE_HEADER;
	secondary: SlotHeader = UNREADABLE_HEADER;
	/** From the secondary's start to its image. */
	secondaryAtBytes = 0;
	readonly #options: HeaderSearchOptions;

	constructor(options: HeaderSearchOptions) {
		this.#options = options;
	}

	/** A boot knows nothing of the one before. */
	forget(): void {
		this.primary = UNREADABLE_HEADER;
		this.secondary = UNREADABLE_HEADER;
		this.secondaryAtBytes = 0;
	}

	/** With nothing known of a swap. False: the primary's cannot be read; the secondary's may be anything. */
	find(): boolean {
		return this.#keep(this.#atRest('primary', null), this.#atRest('secondary', null));
	}

	/** With a status in hand that says no swap has begun. False: the primary's cannot be read or, unless there is a scratch area, is none. */
	findBeforeSwap(progress: SwapProgress): boolean {
		return this.#keep(this.#atRest('primary', progress), this.#atRest('secondary', progress)) && this.#isGood(this.primary);
	}

	/** In the middle of a swap. False: one of them is not where the status says. */
	findInSwap(progress: SwapProgress, strategy: SwapStrategy): boolean {
		const primary = this.#inSwap('primary', { progress, strategy });
		const secondary = this.#inSwap('secondary', { progress, strategy });
		return this.#keep(primary, secondary) && secondary !== null && this.#isGood(this.primary) && this.#isGood(this.secondary);
	}

	#keep(primary: SlotHeader | null, secondary: SlotHeader | null): boolean {
		this.primary = primary ?? UNREADABLE_HEADER;
		this.secondary = secondary ?? UNREADABLE_HEADER;
		return primary !== null;
	}

	#isGood(header: SlotHeader): boolean {
		return header.isImage || this.#options.parts.scratch !== null;
	}

	#atRest(slot: 'primary' | 'secondary', progress: SwapProgress | null): SlotHeader | null {
		const { parts, updateAtBytes, erasedByte } = this.#options;
		const part = parts[slot];
		if (slot === 'primary' || updateAtBytes === 0) return readSlotHeader({ part, offsetBytes: 0 }, erasedByte);
		// An update lies behind the first sector, what a swap took out at the start; where it is not the one, it is the other.
		const isRevert = progress?.swapType === 'revert' || isRevertAsked(parts);
		const likely = isRevert ? 0 : updateAtBytes;
		const first = readSlotHeader({ part, offsetBytes: likely }, erasedByte);
		if (first === null || first.isImage) return this.#found(first, { atBytes: likely, progress });
		const second = readSlotHeader({ part, offsetBytes: updateAtBytes - likely }, erasedByte);
		return this.#found(second, { atBytes: updateAtBytes - likely, progress });
	}

	#found(header: SlotHeader | null, at: { readonly atBytes: number; readonly progress: SwapProgress | null }): SlotHeader | null {
		if (header?.isImage === true && at.progress !== null) this.secondaryAtBytes = at.atBytes;
		return header;
	}

	#inSwap(slot: 'primary' | 'secondary', swap: { readonly progress: SwapProgress; readonly strategy: SwapStrategy }): SlotHeader | null {
		let place: HeaderPlace;
		try {
			place = swap.strategy.locateHeader(slot, swap.progress);
		} catch (error) {
			if (error instanceof FlashError && error.code === 'unreadable') return null;
			throw error;
		}
		return readSlotHeader(place, this.#options.erasedByte);
	}
}
