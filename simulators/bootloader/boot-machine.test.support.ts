import { buildImage, createSigningKey, verifyImage } from '../../harness/firmware/index.js';
import { Flash, type FlashArea, FlashError, PageStore } from '../../harness/flash/index.js';
import { createRandom } from '../../harness/time/index.js';
import {
	type BootDecision,
	type BootGeometry,
	type BootGeometryOptions,
	type BootloaderName,
	type Bootloader,
	type BootSettings,
	createBootloader,
	createMcuboot,
	type ImageVerdict,
	layOutBootloader,
	type McubootRules,
} from './index.js';

const KEY = createSigningKey(new Uint8Array(32).fill(7));

export interface BootMachineOptions extends BootGeometryOptions {
	readonly settings?: Partial<BootSettings>;
	/** Rules in place of the right ones, for MCUboot. */
	readonly rules?: Partial<McubootRules>;
	readonly pageSizeBytes?: number;
}

/** An image of that length with all its TLVs; the version's major number is also its security counter and seeds its payload. */
export const imageOf = (major: number, sizeBytes: number): Uint8Array => {
	const build = (payloadBytes: number): Uint8Array =>
		buildImage({
			version: { major, minor: 0, revision: 0, build: 0 },
			payload: createRandom(`image/${major}`).bytes(payloadBytes),
			headerSizeBytes: 32,
			securityCounter: major,
			key: KEY,
		});
	return build(sizeBytes - build(0).length);
};

/** A board reduced to a bootloader's flash, a counter and real images. */
export class BootMachine {
	readonly name: BootloaderName;
	readonly flash: Flash;
	readonly laidOut: BootGeometry;
	/** The one-way counter. */
	counter = 0;
	readonly #options: BootMachineOptions;
	readonly #verdicts = new Map<string, ImageVerdict>();

	constructor(name: BootloaderName, options: BootMachineOptions) {
		this.name = name;
		this.#options = options;
		this.laidOut = layOutBootloader(name, options);
		this.flash = new Flash({ geometry: this.laidOut.geometry, store: new PageStore({ pageSizeBytes: options.pageSizeBytes ?? 256 }) });
	}

	/** New at each call, as after a reset. */
	get bootloader(): Bootloader {
		const { settings = {}, rules } = this.#options;
		const common = {
			flash: this.flash,
			layout: this.laidOut.layout,
			settings: { trialBoots: 1, verifyEveryBoot: true, maxSectors: this.laidOut.maxSectors, ...settings },
			judge: { judge: (area: FlashArea) => this.judge(area) },
			counter: {
				read: () => this.counter,
				advance: (to: number) => {
					if (to <= this.counter) throw new RangeError(`to: above ${this.counter} was expected, got ${to}`);
					this.counter = to;
				},
			},
		};
		if (rules === undefined || this.name === 'ab' || this.name === 'esp-otadata') return createBootloader(this.name, common);
		return createMcuboot(this.name, { ...common, rules });
	}

	get largestImageBytes(): number {
		return this.bootloader.imageArea('a').sizeBytes;
	}

	/** What the factory does: the image runs from slot a. */
	provision(image: Uint8Array): void {
		this.write(image, this.bootloader.imageArea('a').offsetBytes);
		this.bootloader.provision('a');
	}

	/** What an application does: erases its update slot and writes the next image there. */
	install(image: Uint8Array): void {
		const { erase, image: area } = this.bootloader.updateTarget('a');
		this.flash.erase(erase.offsetBytes, erase.sizeBytes);
		this.write(image, area.offsetBytes);
	}

	write(image: Uint8Array, offsetBytes: number): void {
		const { writeSizeBytes, erasedByte } = this.flash.geometry;
		const padded = new Uint8Array(Math.ceil(image.length / writeSizeBytes) * writeSizeBytes).fill(erasedByte);
		padded.set(image);
		this.flash.program(offsetBytes, padded);
	}

	/** The image that a decision runs, by its major version; null where nothing runs or it is none of those given. */
	runs(decision: BootDecision, images: readonly Uint8Array[]): number | null {
		if (decision.kind === 'none') return null;
		const { offsetBytes } = this.bootloader.imageArea(decision.slot);
		const found = images.find((image) => this.flash.isHolding(offsetBytes, image));
		return found === undefined ? null : (found[20] as number);
	}

	judge(area: FlashArea): ImageVerdict {
		const key = this.flash.contentKey(area.offsetBytes, area.sizeBytes);
		const known = this.#verdicts.get(key);
		if (known !== undefined) return known;
		const verdict = this.#judgeBytes(area);
		this.#verdicts.set(key, verdict);
		return verdict;
	}

	#judgeBytes({ offsetBytes, sizeBytes }: FlashArea): ImageVerdict {
		let bytes: Uint8Array;
		try {
			bytes = this.flash.read(offsetBytes, sizeBytes);
		} catch (error) {
			if (!(error instanceof FlashError)) throw error;
			return { ok: false, reason: error.message };
		}
		const verdict = verifyImage(bytes, { keys: [KEY.verifyingKey] });
		if (!verdict.accepted) return { ok: false, reason: verdict.reason };
		const { header, securityCounter = 0 } = verdict.image;
		return { ok: true, version: header.version, securityCounter, digest: String(header.version.major) };
	}
}
