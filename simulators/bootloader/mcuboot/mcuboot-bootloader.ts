import {
	type BootDecision,
	BootError,
	type BootLayout,
	type Bootloader,
	type BootState,
	type ImageJudge,
	type ImageVerdict,
	type SecurityCounter,
	type Slot,
	type UpdateTarget,
} from '../../../harness/bootloader/index.js';
import { compareVersions } from '../../../harness/firmware/index.js';
import { type FlashArea, FlashError } from '../../../harness/flash/index.js';
import { isRevertAsked, readTrailers } from './asked-swap.js';
import { HeaderSearch } from './header-search.js';
import { overwritePrimary } from './overwrite.js';
import { confirmRunning, requestSwap } from './requests.js';
import { type McubootName, resumeSourceOf, swapTypeOf } from './rules.js';
import { measureImage, readSlotHeader, type SlotHeader } from './slot-image.js';
import type { SwapType } from './slot-trailer.js';
import { createProgress, type McubootParts, type SwapProgress, type SwapStrategy } from './swap-progress.js';
import { McubootTrap } from './trap.js';

export interface McubootOptions {
	readonly name: McubootName;
	readonly layout: BootLayout;
	readonly parts: McubootParts;
	/** Null: overwrite-only. */
	readonly strategy: SwapStrategy | null;
	readonly largestImageBytes: number;
	/** From the secondary's start to the image that an application puts there. */
	readonly updateAtBytes: number;
	readonly erasedByte: number;
	readonly preventsDowngrade: 'off' | 'by-version' | 'by-counter';
	readonly judge: ImageJudge;
	readonly counter: SecurityCounter;
}

const UPGRADES: readonly SwapType[] = ['test', 'perm', 'revert'];

/**
 * MCUboot's loader (loader.c, one image, no encryption): it goes on with a swap that power cut short, or looks at what both
 * trailers ask for, judges the image, swaps or overwrites, and judges what it is about to run. The primary slot is `a`.
 */
export class McubootBootloader implements Bootloader {
	readonly layout: BootLayout;
	readonly requestPermanent: (slot: Slot) => void;
	readonly runsForGood?: true;
	readonly #options: McubootOptions;
	readonly #parts: McubootParts;
	readonly #headers: HeaderSearch;
	#isReverting = false;

	constructor(options: McubootOptions) {
		this.layout = options.layout;
		if (options.strategy === null) this.runsForGood = true;
		this.#options = options;
		this.#parts = options.parts;
		this.#headers = new HeaderSearch(options);
		this.requestPermanent = (slot) => this.#request(slot, true);
	}

	imageArea(slot: Slot): FlashArea {
		const { primary, secondary } = this.#parts;
		const { largestImageBytes, updateAtBytes } = this.#options;
		return slot === 'a' ? primary.span(0, largestImageBytes) : secondary.span(updateAtBytes, largestImageBytes);
	}

	updateTarget(): UpdateTarget {
		return { slot: 'b', image: this.imageArea('b'), erase: this.layout.slotB };
	}

	provision(slot: Slot): void {
		if (slot !== 'a') throw new RangeError(`slot: the primary, a, was expected, got ${slot}`);
		const image = this.#judge('primary');
		if (!image.ok) throw new BootError('image-refused', `provision: an image that may run was expected in slot a, it is not: ${image.reason}`);
		this.#raiseCounter(image);
	}

	boot(): BootDecision {
		this.#isReverting = false;
		this.#headers.forget();
		try {
			const type = this.#prepare();
			return this.#runPrimary(type);
		} catch (error) {
			if (error instanceof McubootTrap) return { kind: 'none', reason: error.message, trapped: true };
			if (error instanceof FlashError) return { kind: 'none', reason: `assertion failed: ${error.message}`, trapped: true };
			throw error;
		}
	}

	requestTrial(slot: Slot): void {
		this.#request(slot, false);
	}

	confirm(): void {
		confirmRunning(this.#parts);
	}

	/** MCUboot keeps no reason. */
	acknowledgeRevert(): void {}

	state(): BootState | null {
		const trailers = readTrailers(this.#parts);
		if (trailers === null) return null;
		const type = swapTypeOf(this.#parts.rules.swapRows, trailers);
		const { magic, imageOk } = trailers.primary;
		if (type === 'revert') return { active: 'b', confirmed: true, trial: 'a', attemptsLeft: 0, lastRevert: null };
		const confirmed = this.#options.strategy === null || magic !== 'good' || imageOk === 'set';
		return { active: 'a', confirmed, trial: type === 'none' ? null : 'b', attemptsLeft: type === 'test' ? 1 : 0, lastRevert: null };
	}

	#request(slot: Slot, isPermanent: boolean): void {
		if (slot !== 'b') throw new RangeError(`slot: the secondary, b, was expected, got ${slot}`);
		requestSwap(this.#parts, { isPermanent });
	}

	/** Finishes what power cut short, or decides what to do, and does it: gives the type of the swap that was begun in this boot. */
	#prepare(): SwapType {
		const { strategy } = this.#options;
		const progress = createProgress(strategy?.firstOp ?? 'move');
		const type = this.#decide(progress);
		if (type === 'none') return type;
		if (type === 'unknown') throw new McubootTrap('the type of a swap is known');
		if (type === 'fail') {
			// As if the swap had come and gone, so that it is not tried again.
			this.#markImageOk();
			return type;
		}
		if (strategy !== null && type !== 'revert' && this.#isDowngrade()) {
			this.#parts.secondary.eraseAll();
			return 'none';
		}
		progress.swapType = type;
		this.#perform(progress, type);
		return type;
	}

	#decide(progress: SwapProgress): SwapType {
		const { strategy } = this.#options;
		if (!this.#headers.find()) return 'none';
		if (strategy !== null) {
			if (!this.#readStatus(strategy, progress)) return 'none';
			const isUnderWay = !this.#isFresh(progress);
			if (!(isUnderWay ? this.#headers.findInSwap(progress, strategy) : this.#headers.findBeforeSwap(progress))) return 'none';
			if (isUnderWay) {
				this.#complete(strategy, progress);
				return 'none';
			}
		}
		if (progress.swapType !== 'none') return this.#checkSecondary({ progress, type: 'none' }) === 'valid' ? progress.swapType : 'fail';
		const type = this.#askedSwapType();
		if (type === 'none') return type;
		const check = this.#checkSecondary({ progress, type });
		return check === 'valid' ? type : check === 'refused' ? 'none' : 'fail';
	}

	/** False: it cannot be read, which the loader takes for no swap at all. */
	#readStatus(strategy: SwapStrategy, progress: SwapProgress): boolean {
		const { primary, secondary, scratch, rules } = this.#parts;
		const other = scratch ?? secondary;
		progress.source = resumeSourceOf(rules.resumeRows, { primary: primary.trailer.read(), other: other.trailer.read() });
		if (progress.source === 'none') return true;
		const part = progress.source === 'primary' ? primary : other;
		try {
			if (rules.resumes) strategy.readStatus(part, progress);
			progress.swapType = part.trailer.readSwapType();
			return true;
		} catch (error) {
			if (error instanceof FlashError && error.code === 'unreadable') return false;
			throw error;
		}
	}

	#isFresh({ op, index, state }: SwapProgress): boolean {
		return op === this.#options.strategy?.firstOp && index === 1 && state === 1;
	}

	/** What the trailers ask for now. */
	#askedSwapType(): SwapType {
		const trailers = readTrailers(this.#parts);
		if (trailers === null) throw new McubootTrap('the primary trailer can be read');
		return swapTypeOf(this.#parts.rules.swapRows, trailers);
	}

	/** What is refused is erased, the trailer with it. `error`: it could not be judged, and is left alone. */
	#checkSecondary({ progress, type }: { readonly progress: SwapProgress; readonly type: SwapType }): 'valid' | 'refused' | 'error' {
		const { primary, secondary, rules } = this.#parts;
		const { strategy, updateAtBytes, erasedByte, name } = this.#options;
		const header = this.#headers.secondary;
		if (header.isErased || !header.isBootable) {
			if (strategy === null) return 'refused';
			// A reset while the slot was erased may have left a trailer that would be in the way of the next image.
			secondary.eraseTrailer();
			if (name === 'mcuboot-swap-move' && (progress.swapType === 'revert' || isRevertAsked(this.#parts))) primary.eraseTrailer();
			return 'refused';
		}
		let isMisplaced = false;
		if (updateAtBytes > 0 && (type === 'test' || type === 'perm')) {
			const first = readSlotHeader({ part: secondary, offsetBytes: 0 }, erasedByte);
			if (first === null) return 'error';
			isMisplaced = first.isImage;
		}
		const isOld = strategy === null && this.#isDowngrade();
		if (!isMisplaced && !isOld && this.#judge('secondary').ok) return 'valid';
		(rules.invalidErases === 'a' ? primary : secondary).eraseAll();
		return 'refused';
	}

	/** By version, what the headers say counts; by counter, what the images do, and an image without one may be replaced. */
	#isDowngrade(): boolean {
		const { preventsDowngrade, judge } = this.#options;
		const { primary, secondary } = this.#headers;
		if (preventsDowngrade === 'off') return false;
		if (preventsDowngrade === 'by-version') return !primary.isErased && compareVersions(secondary.version, primary.version) < 0;
		const running = judge.judge(this.#areaOf('primary'));
		const wanted = judge.judge(this.#areaOf('secondary'));
		return running.ok && !(wanted.ok && wanted.securityCounter >= running.securityCounter);
	}

	#perform(progress: SwapProgress, type: SwapType): void {
		const { strategy } = this.#options;
		if (strategy === null) return overwritePrimary(this.#parts, () => this.#raiseCounter(this.#judge('primary')));
		this.#isReverting = type === 'revert';
		progress.sizeBytes = this.#measureSwap(progress);
		strategy.run(progress, this.#headers);
		for (const field of this.#parts.rules.endFields) {
			if (field === 'image-ok' && type !== 'test') this.#markImageOk();
			if (field !== 'copy-done') continue;
			// Nobody will ask for a swap for good to be taken back: the counter follows before it is over.
			if (type === 'perm') this.#raiseCounter(this.#judge('primary'));
			this.#parts.primary.trailer.writeCopyDone();
		}
	}

	/** Goes on with a swap that power cut short. */
	#complete(strategy: SwapStrategy, progress: SwapProgress): void {
		const { scratch, primary, rules } = this.#parts;
		const status = scratch?.trailer.readMagic() === 'good' ? scratch : primary;
		progress.sizeBytes = status.trailer.readSwapSize();
		const { swapType } = progress;
		this.#isReverting = swapType === 'revert';
		strategy.run(progress, this.#headers);
		for (const field of rules.endFields) {
			if (field === 'image-ok' && (swapType === 'revert' || swapType === 'perm')) this.#markImageOk();
			if (field === 'copy-done' && UPGRADES.includes(swapType)) primary.trailer.writeCopyDone();
		}
		if (!this.#headers.find()) throw new McubootTrap('the headers can be read after a swap');
	}

	#markImageOk(): void {
		const { trailer } = this.#parts.primary;
		if (trailer.read().imageOk === 'unset') trailer.writeImageOk();
	}

	/** The larger of both images, TLVs included. */
	#measureSwap(progress: SwapProgress): number {
		const primary = this.#measured('primary');
		const secondary = this.#measured('secondary');
		progress.tlvBytes.primary = primary.unprotectedTlvBytes;
		progress.tlvBytes.secondary = secondary.unprotectedTlvBytes;
		return this.#parts.rules.swapCovers === 'the larger' ? Math.max(primary.sizeBytes, secondary.sizeBytes) : secondary.sizeBytes;
	}

	#measured(slot: 'primary' | 'secondary'): { readonly sizeBytes: number; readonly unprotectedTlvBytes: number } {
		const header: SlotHeader = this.#headers[slot];
		if (!header.isImage) return { sizeBytes: 0, unprotectedTlvBytes: 0 };
		const size = measureImage({ part: this.#parts[slot], offsetBytes: slot === 'primary' ? 0 : this.#headers.secondaryAtBytes }, header);
		if (size === null) throw new McubootTrap(`the TLVs of the ${slot} slot's image can be read`);
		return size;
	}

	#runPrimary(type: SwapType): BootDecision {
		const { rules, validatesPrimary } = this.#parts;
		if (type !== 'none' && !this.#headers.find()) return { kind: 'none', reason: 'the header in the primary slot cannot be read' };
		const image = validatesPrimary ? this.#judge('primary') : null;
		if (image?.ok === false) return { kind: 'none', reason: `the primary slot: ${image.reason}` };
		if (image === null && !this.#headers.primary.isImage) return { kind: 'none', reason: 'the primary slot holds no image' };
		const { magic, imageOk } = this.#parts.primary.trailer.read();
		const isKept = rules.counterFollows === 'the confirmed' ? magic !== 'good' || imageOk === 'set' : type === 'none';
		if (isKept) this.#raiseCounter(image ?? this.#judge('primary'));
		const trial = this.#options.strategy !== null && isRevertAsked(this.#parts);
		return { kind: 'run', slot: 'a', trial, reverted: this.#isReverting, attempt: trial ? 1 : 0 };
	}

	#areaOf(slot: 'primary' | 'secondary'): FlashArea {
		const offsetBytes = slot === 'primary' ? 0 : this.#headers.secondaryAtBytes;
		return this.#parts[slot].span(offsetBytes, this.#options.largestImageBytes);
	}

	#judge(slot: 'primary' | 'secondary'): ImageVerdict {
		const image = this.#options.judge.judge(this.#areaOf(slot));
		const floor = this.#options.counter.read();
		if (!image.ok || image.securityCounter >= floor) return image;
		return { ok: false, reason: `security counter: ${floor} or more was expected, got ${image.securityCounter}` };
	}

	#raiseCounter(image: ImageVerdict): void {
		if (image.ok && image.securityCounter > this.#options.counter.read()) this.#options.counter.advance(image.securityCounter);
	}
}
