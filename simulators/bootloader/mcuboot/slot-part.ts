import type { TrailerShape } from '../../../harness/firmware/index.js';
import { type FlashArea, type FlashPort, isWholeSectors, type Sector, sectorAt } from '../../../harness/flash/index.js';
import { SlotTrailer } from './slot-trailer.js';
import { McubootTrap } from './trap.js';

/** Bytes that go from flash to flash in one program: bootutil's buffer. */
const COPY_BYTES = 1024;

/** A slot, or the scratch area: its sectors, and the trailer at its end. Offsets are its own, from its first byte. */
export class SlotPart {
	readonly area: FlashArea;
	readonly trailer: SlotTrailer;
	readonly sectors: readonly Sector[];
	/** Index of the first sector that holds a part of the trailer. */
	readonly firstTrailerSector: number;
	readonly #flash: FlashPort;

	constructor(flash: FlashPort, options: { readonly name: string; readonly area: FlashArea; readonly shape: Required<TrailerShape> }) {
		const { name, area, shape } = options;
		if (!isWholeSectors(flash.geometry, { offsetBytes: area.offsetBytes, lengthBytes: area.sizeBytes })) {
			throw new RangeError(`layout.${name}: whole sectors were expected, got ${area.sizeBytes} bytes at ${area.offsetBytes}`);
		}
		this.area = area;
		this.#flash = flash;
		this.trailer = new SlotTrailer(flash, { area, shape });
		this.sectors = sectorsOf(flash, area);
		const trailerAtBytes = area.sizeBytes - this.trailer.fields.sizeBytes;
		if (trailerAtBytes < 0)
			throw new RangeError(`layout.${name}: room for a trailer of ${this.trailer.fields.sizeBytes} bytes was expected, got ${area.sizeBytes}`);
		this.firstTrailerSector = this.sectors.findIndex((sector) => sector.offsetBytes + sector.sizeBytes > trailerAtBytes);
	}

	/** Where a sector begins; one beyond the last begins where the slot ends. */
	sectorAtBytes(index: number): number {
		return this.sectors[index]?.offsetBytes ?? this.area.sizeBytes;
	}

	read(offsetBytes: number, lengthBytes: number): Uint8Array {
		return this.#flash.read(this.area.offsetBytes + offsetBytes, lengthBytes);
	}

	/** Where `sizeBytes` from an offset on lie in the flash. */
	span(offsetBytes: number, sizeBytes: number): FlashArea {
		return { offsetBytes: this.area.offsetBytes + offsetBytes, sizeBytes };
	}

	/** Whole sectors, from the lowest up. */
	erase(offsetBytes: number, sizeBytes: number): void {
		this.#assertInside(offsetBytes, sizeBytes);
		this.#flash.erase(this.area.offsetBytes + offsetBytes, sizeBytes);
	}

	eraseAll(): void {
		this.#flash.erase(this.area.offsetBytes, this.area.sizeBytes);
	}

	/** From the last sector down to `first`. */
	eraseBackwards(first: number): void {
		for (let index = this.sectors.length - 1; index >= first; index--) {
			const { offsetBytes, sizeBytes } = this.sectors[index] as Sector;
			this.erase(offsetBytes, sizeBytes);
		}
	}

	/** Every sector that holds a part of the trailer, the last one first, so that the magic goes before what it vouches for. */
	eraseTrailer(): void {
		this.eraseBackwards(this.firstTrailerSector);
	}

	/** Takes the bytes at `from` in another part, or in this one, into blank flash. */
	copyFrom(source: SlotPart, span: { readonly fromBytes: number; readonly toBytes: number; readonly sizeBytes: number }): void {
		source.#assertInside(span.fromBytes, span.sizeBytes);
		this.#assertInside(span.toBytes, span.sizeBytes);
		this.#flash.copy({
			fromBytes: source.area.offsetBytes + span.fromBytes,
			toBytes: this.area.offsetBytes + span.toBytes,
			lengthBytes: span.sizeBytes,
			unitBytes: COPY_BYTES,
		});
	}

	#assertInside(offsetBytes: number, sizeBytes: number): void {
		if (offsetBytes < 0 || offsetBytes + sizeBytes > this.area.sizeBytes) {
			throw new McubootTrap(`${sizeBytes} bytes at ${offsetBytes} lie in a slot of ${this.area.sizeBytes}`);
		}
	}
}

const sectorsOf = ({ geometry }: FlashPort, area: FlashArea): readonly Sector[] => {
	const sectors: Sector[] = [];
	for (let at = area.offsetBytes; at < area.offsetBytes + area.sizeBytes; ) {
		const { sizeBytes } = sectorAt(geometry, at);
		sectors.push({ index: sectors.length, offsetBytes: at - area.offsetBytes, sizeBytes });
		at += sizeBytes;
	}
	return sectors;
};
