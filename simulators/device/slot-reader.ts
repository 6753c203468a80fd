import { createHash } from 'node:crypto';
import {
	formatVersion,
	parseImage,
	parseVersion,
	readBehaviour,
	readImage,
	type VerifyingKey,
	type VerifyOptions,
	verifyImage,
} from '../../harness/firmware/index.js';
import { FlashError } from '../../harness/flash/index.js';
import type { ImageVerdict, Slot } from '../bootloader/index.js';
import type { Device } from './device.js';
import type { Profile, Region } from './profile.js';
import type { RunningImage, SlotReader } from './running-image.js';

/** Versions of the other images on every device of the fleet profiles, which an image's dependencies are held against. */
const OTHER_IMAGES = new Map([[1, parseVersion('1.0.0')]]);

/** What an image must satisfy to run on that hardware, for a device that trusts those keys. */
export const acceptanceOf = (profile: Profile, keys: readonly VerifyingKey[]): VerifyOptions => ({
	keys,
	unprotectedTlvAllowList: true,
	...(profile.classId === null ? {} : { classId: profile.classId, installed: OTHER_IMAGES }),
});

interface Judged {
	readonly verdict: ImageVerdict;
	/** Undefined: refused, and not looked at any further yet. */
	image: RunningImage | null | undefined;
}

/**
 * Reads and judges slots for a whole world. Equal bytes are read, hashed and verified once: the memo's key stands for
 * the exact bytes in flash, so that a device with one bit torn is judged by its own.
 */
export class CachingSlotReader implements SlotReader {
	#keys: readonly VerifyingKey[];
	#factoryKeys: readonly VerifyingKey[];
	/** What images may be signed with by now. */
	#currentKeys: readonly VerifyingKey[];
	readonly #signed = new Map<string, boolean>();
	readonly #judged = new Map<string, Judged>();
	readonly #digests = new Map<string, string>();
	/** Sizes of the releases' images: what runs is looked up as one of them before it is measured by its own header. */
	readonly #released = new Map<string, number>();

	constructor(keys: readonly VerifyingKey[]) {
		this.#keys = keys;
		this.#factoryKeys = keys;
		this.#currentKeys = keys;
	}

	get keys(): readonly VerifyingKey[] {
		return this.#keys;
	}

	get factoryKeys(): readonly VerifyingKey[] {
		return this.#factoryKeys;
	}

	get currentKeys(): readonly VerifyingKey[] {
		return this.#currentKeys;
	}

	/** Images are signed with that key alone from now on; bootloaders know it, and agents learn of it. */
	rotateTo(key: VerifyingKey): void {
		this.#keys = [...this.#keys, key];
		this.#currentKeys = [key];
		this.#judged.clear();
	}

	/** Whether what lies in an area is accepted with those keys alone, where it is with all that bootloaders know. */
	isSignedBy(device: Device, { area, keys }: { readonly area: Region; readonly keys: readonly VerifyingKey[] }): boolean {
		if (keys.length === this.#keys.length && keys.every((key, index) => key === this.#keys[index])) return true;
		const names = keys.map(({ keyHash }) => Buffer.from(keyHash).toString('hex')).join(' ');
		const key = `${device.profile.name} ${names} ${device.flash.contentKey(area.offsetBytes, area.sizeBytes)}`;
		const known = this.#signed.get(key);
		if (known !== undefined) return known;
		const { accepted } = verifyImage(device.flash.read(area.offsetBytes, area.sizeBytes), acceptanceOf(device.profile, keys));
		this.#signed.set(key, accepted);
		return accepted;
	}

	/** Has every device trust one more key from now on. */
	trust(key: VerifyingKey): void {
		if (this.#keys.includes(key)) return;
		this.#keys = [...this.#keys, key];
		this.#factoryKeys = [...this.#factoryKeys, key];
		this.#currentKeys = [...this.#currentKeys, key];
		this.#judged.clear();
	}

	/** An image that may be found in flash: its SHA-256, hex, and its length. */
	addReleased(image: { readonly digest: string; readonly sizeBytes: number }): void {
		this.#released.set(image.digest, image.sizeBytes);
	}

	judge(device: Device, area: Region): ImageVerdict {
		return this.#lookUp(device, area).verdict;
	}

	read(device: Device, slot: Slot): RunningImage | null {
		const { offsetBytes, sizeBytes } = device.bootloader.imageArea(slot);
		const judged = this.#lookUp(device, { offsetBytes, sizeBytes });
		if (judged.image !== undefined) return judged.image;
		judged.image = this.#describe(device.flash.read(offsetBytes, sizeBytes));
		return judged.image;
	}

	digest(device: Device, options: { readonly slot: Slot; readonly sizeBytes: number }): string {
		const { offsetBytes } = device.bootloader.imageArea(options.slot);
		const key = device.flash.contentKey(offsetBytes, options.sizeBytes);
		const known = this.#digests.get(key);
		if (known !== undefined) return known;
		const digest = sha256(device.flash.read(offsetBytes, options.sizeBytes));
		this.#digests.set(key, digest);
		return digest;
	}

	#lookUp(device: Device, { offsetBytes, sizeBytes }: Region): Judged {
		const key = `${device.profile.name} ${device.flash.contentKey(offsetBytes, sizeBytes)}`;
		const known = this.#judged.get(key);
		if (known) return known;
		const judged = this.#judgeRegion(device, { offsetBytes, sizeBytes });
		this.#judged.set(key, judged);
		return judged;
	}

	#judgeRegion(device: Device, region: Region): Judged {
		let bytes: Uint8Array;
		try {
			bytes = device.flash.read(region.offsetBytes, region.sizeBytes);
		} catch (error) {
			if (!(error instanceof FlashError) || error.code !== 'unreadable') throw error;
			return { verdict: { ok: false, reason: 'the slot has words that cannot be read' }, image: null };
		}
		const verdict = verifyImage(bytes, acceptanceOf(device.profile, this.#keys));
		if (!verdict.accepted) return { verdict: { ok: false, reason: verdict.reason }, image: undefined };
		const image = this.#describe(bytes) as RunningImage;
		return { verdict: { ok: true, version: verdict.image.header.version, securityCounter: image.securityCounter, digest: image.digest }, image };
	}

	/** Null where there is no header; whatever lies behind one could be run, and says of itself what can still be read. */
	#describe(bytes: Uint8Array): RunningImage | null {
		const { header, error, sizeBytes } = readImage(bytes);
		if (header === undefined) return null;
		const image = error === undefined ? parseImage(bytes) : undefined;
		const behaviour = (image && readBehaviour(image)) ?? 'healthy';
		return {
			version: formatVersion(header.version),
			digest: this.#releasedDigest(bytes) ?? sha256(bytes.subarray(0, sizeBytes ?? header.headerSizeBytes + header.payloadSizeBytes)),
			securityCounter: image?.securityCounter ?? 0,
			behaviour,
			settingsSchema: behaviour === 'migrates-settings' ? 2 : 1,
		};
	}

	/** The longest release that these bytes begin with. */
	#releasedDigest(bytes: Uint8Array): string | undefined {
		const sizes = [...new Set(this.#released.values())].sort((a, b) => b - a);
		for (const sizeBytes of sizes) {
			if (sizeBytes > bytes.length) continue;
			const digest = sha256(bytes.subarray(0, sizeBytes));
			if (this.#released.get(digest) === sizeBytes) return digest;
		}
		return undefined;
	}
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
