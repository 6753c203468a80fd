import { type TrailerFields, type TrailerShape, trailerFields, trailerMagic } from '../../../harness/firmware/index.js';
import type { FlashArea, FlashPort } from '../../../harness/flash/index.js';

export type Magic = 'unset' | 'good' | 'bad';
export type Flag = 'unset' | 'set' | 'bad';
/** `unknown` is a code that bootutil does not have. */
export type SwapType = 'none' | 'test' | 'perm' | 'revert' | 'fail' | 'unknown';

/** What a trailer says, without its status. */
export interface TrailerContent {
	readonly magic: Magic;
	readonly imageOk: Flag;
	readonly copyDone: Flag;
	/** `none` where the field is erased, or holds what no swap can have. */
	readonly swapType: Exclude<SwapType, 'fail' | 'unknown'>;
}

/** A trailer that cannot be read counts as this one in the secondary slot. */
export const ERASED_TRAILER: TrailerContent = { magic: 'unset', imageOk: 'unset', copyDone: 'unset', swapType: 'none' };

/** Codes of the low nibble of swap_info; the high nibble is the image's number, 0. */
const SWAP_TYPES: readonly SwapType[] = ['unknown', 'none', 'test', 'perm', 'revert', 'fail'];
const FLAG_SET = 0x01;
const MAGIC_BYTES = 16;

/**
 * The trailer at the end of a slot or of the scratch area: reads and writes its fields, one flash operation a write.
 * Reads throw FlashError `unreadable` where a unit is in error; writes as the flash does.
 */
export class SlotTrailer {
	readonly fields: TrailerFields;
	readonly #flash: FlashPort;
	readonly #endBytes: number;
	readonly #unitBytes: number;
	readonly #erasedByte: number;
	readonly #magic: Uint8Array;
	readonly #magicUnit: Uint8Array;
	readonly #flag: Uint8Array;
	readonly #units: (Uint8Array | undefined)[] = [];

	constructor(flash: FlashPort, options: { readonly area: FlashArea; readonly shape: Required<TrailerShape> }) {
		const { area, shape } = options;
		this.fields = trailerFields(shape);
		this.#flash = flash;
		this.#endBytes = area.offsetBytes + area.sizeBytes;
		this.#unitBytes = shape.writeSizeBytes;
		this.#erasedByte = flash.geometry.erasedByte;
		this.#magic = trailerMagic(shape.maxAlignBytes);
		this.#magicUnit = new Uint8Array(this.fields.magicUnit).fill(this.#erasedByte);
		this.#magicUnit.set(this.#magic, this.fields.magicUnit - MAGIC_BYTES);
		this.#flag = this.#padded(FLAG_SET);
	}

	/** Where the status begins, which is where the trailer does. */
	get startBytes(): number {
		return this.#endBytes - this.fields.sizeBytes;
	}

	read(): TrailerContent {
		const magic = this.readMagic();
		const type = this.readSwapType();
		const swapType = type === 'fail' || type === 'unknown' ? 'none' : type;
		return { magic, swapType, copyDone: this.#readFlag(this.fields.copyDone), imageOk: this.#readFlag(this.fields.imageOk) };
	}

	readMagic(): Magic {
		const bytes = this.#flash.read(this.#endBytes - MAGIC_BYTES, MAGIC_BYTES);
		let isGood = true;
		let isErased = true;
		for (let index = 0; index < MAGIC_BYTES; index++) {
			isGood &&= bytes[index] === this.#magic[index];
			isErased &&= bytes[index] === this.#erasedByte;
		}
		return isGood ? 'good' : isErased ? 'unset' : 'bad';
	}

	readSwapType(): SwapType {
		const byte = this.#readByte(this.fields.swapInfo);
		return byte === this.#erasedByte ? 'none' : (SWAP_TYPES[byte & 0x0f] ?? 'unknown');
	}

	readSwapSize(): number {
		return this.#readU32(this.fields.swapSize);
	}

	/** Of the primary's and the secondary's image, as they were before the swap began. */
	readTlvSizes(): { readonly primary: number; readonly secondary: number } {
		const sizes = this.#readU32(this.fields.tlvSizes as number);
		return { primary: sizes & 0xffff, secondary: sizes >>> 16 };
	}

	/** The first byte of each of the first `entries` status entries is at multiples of the write size. */
	readStatus(entries: number): Uint8Array {
		return this.#flash.read(this.startBytes, entries * this.#unitBytes);
	}

	writeMagic(): void {
		this.#flash.program(this.#endBytes - this.fields.magicUnit, this.#magicUnit);
	}

	writeImageOk(): void {
		this.#flash.program(this.#endBytes - this.fields.imageOk, this.#flag);
	}

	writeCopyDone(): void {
		this.#flash.program(this.#endBytes - this.fields.copyDone, this.#flag);
	}

	writeSwapInfo(type: SwapType): void {
		this.#flash.program(this.#endBytes - this.fields.swapInfo, this.#padded(SWAP_TYPES.indexOf(type)));
	}

	writeSwapSize(sizeBytes: number): void {
		this.#writeU32(this.fields.swapSize, sizeBytes);
	}

	writeTlvSizes(sizes: { readonly primary: number; readonly secondary: number }): void {
		this.#writeU32(this.fields.tlvSizes as number, ((sizes.secondary << 16) | sizes.primary) >>> 0);
	}

	/** `state` is 1, 2 or 3. */
	writeStatus(entry: number, state: number): void {
		this.#flash.program(this.startBytes + entry * this.#unitBytes, this.#padded(state));
	}

	#readByte(beforeEnd: number): number {
		return this.#flash.read(this.#endBytes - beforeEnd, 1)[0] as number;
	}

	#readFlag(beforeEnd: number): Flag {
		const byte = this.#readByte(beforeEnd);
		if (byte === this.#erasedByte) return 'unset';
		return byte === FLAG_SET ? 'set' : 'bad';
	}

	#readU32(beforeEnd: number): number {
		const bytes = this.#flash.read(this.#endBytes - beforeEnd, 4);
		return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
	}

	#writeU32(beforeEnd: number, value: number): void {
		const bytes = new Uint8Array(Math.max(4, this.#unitBytes)).fill(this.#erasedByte);
		new DataView(bytes.buffer).setUint32(0, value, true);
		this.#flash.program(this.#endBytes - beforeEnd, bytes);
	}

	/** One byte in a write unit; nobody changes what is given to flash. */
	#padded(byte: number): Uint8Array {
		let bytes = this.#units[byte];
		if (bytes === undefined) {
			bytes = new Uint8Array(this.#unitBytes).fill(this.#erasedByte);
			bytes[0] = byte;
			this.#units[byte] = bytes;
		}
		return bytes;
	}
}
