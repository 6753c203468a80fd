import { crc32 } from 'node:zlib';
import { Flash, type FlashArea, type Geometry, PageStore, readWhole } from '../../harness/flash/index.js';
import { type BootDecision, type BootLayout, type Bootloader, type BootSettings, createAbBootloader, type ImageVerdict, type Slot } from './index.js';

/** A board reduced to what an `ab` bootloader touches, for tests: flash, a counter, and images of one checked line. */
export class AbMachine {
	readonly flash: Flash;
	readonly layout: BootLayout;
	readonly #settings: BootSettings;
	/** Slots that ran, one entry a boot. */
	ran: BootDecision[] = [];
	/** The one-way counter: it refuses to fall. */
	counter = 0;

	constructor(options: { readonly geometry: Partial<Geometry>; readonly settings: BootSettings }) {
		const geometry: Geometry = { sectors: MIXED_SECTORS, writeSizeBytes: 4, erasedByte: 0xff, writeOnce: false, ...options.geometry };
		this.flash = new Flash({ geometry, store: new PageStore({ pageSizeBytes: 128 }) });
		this.layout = {
			records: [
				{ offsetBytes: 0, sizeBytes: 256 },
				{ offsetBytes: 256, sizeBytes: 512 },
			],
			slotA: { offsetBytes: 768, sizeBytes: 1024 },
			slotB: { offsetBytes: 1792, sizeBytes: 1024 },
			scratch: null,
		};
		this.#settings = options.settings;
	}

	/** New at each call, as after a reset. */
	get bootloader(): Bootloader {
		return createAbBootloader({
			flash: this.flash,
			layout: this.layout,
			settings: this.#settings,
			judge: { judge: (area) => this.judgeArea(area) },
			counter: {
				read: () => this.counter,
				advance: (to) => {
					if (to <= this.counter) throw new RangeError(`to: above ${this.counter} was expected, got ${to}`);
					this.counter = to;
				},
			},
		});
	}

	install(slot: Slot, image: { readonly major: number; readonly securityCounter: number }): void {
		const bytes = new Uint8Array(this.area(slot).sizeBytes).fill(image.major);
		const view = new DataView(bytes.buffer);
		view.setUint32(4, image.securityCounter, true);
		view.setUint32(0, crc32(bytes.subarray(4)), true);
		this.flash.program(this.area(slot).offsetBytes, bytes);
	}

	area(slot: Slot): FlashArea {
		return slot === 'a' ? this.layout.slotA : this.layout.slotB;
	}

	judge(slot: Slot): ImageVerdict {
		return this.judgeArea(this.area(slot));
	}

	judgeArea(area: FlashArea): ImageVerdict {
		const bytes = readWhole(this.flash, area);
		if (bytes === null) return { ok: false, reason: 'a unit is in error' };
		const view = new DataView(bytes.buffer, bytes.byteOffset);
		if (view.getUint32(0, true) !== crc32(bytes.subarray(4))) return { ok: false, reason: 'the checksum is wrong' };
		const version = { major: view.getUint8(8), minor: 0, revision: 0, build: 0 };
		return { ok: true, version, securityCounter: view.getUint32(4, true), digest: view.getUint32(0, true).toString(16) };
	}

	boot(): BootDecision {
		const decision = this.bootloader.boot();
		this.ran = [...this.ran, decision];
		return decision;
	}

	/** Boots that gave a slot to a trial. */
	trialsOf(slot: Slot): number {
		return this.ran.filter((decision) => decision.kind === 'run' && decision.slot === slot && decision.trial).length;
	}
}

const MIXED_SECTORS: Geometry['sectors'] = [
	{ count: 1, sizeBytes: 256 },
	{ count: 1, sizeBytes: 512 },
	{ count: 2, sizeBytes: 1024 },
];
