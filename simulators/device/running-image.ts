import type { VerifyingKey, ImageBehaviour } from '../../harness/firmware/index.js';
import type { FlashArea } from '../../harness/flash/index.js';
import type { ImageVerdict, Slot } from '../bootloader/index.js';
import type { Device } from './device.js';

/** The image a device runs, as it lies in flash. */
export interface RunningImage {
	readonly version: string;
	/** SHA-256 of the bytes that were installed, hex. */
	readonly digest: string;
	readonly securityCounter: number;
	readonly behaviour: ImageBehaviour;
	/** The newest schema of settings this image reads and writes. */
	readonly settingsSchema: number;
}

/** Reads slots for all devices of a world, so that equal bytes are judged once. */
export interface SlotReader {
	/** The bootloader's verdict on what lies in an area. */
	judge(device: Device, area: FlashArea): ImageVerdict;
	/** The keys that devices leave the factory with. */
	readonly factoryKeys: readonly VerifyingKey[];
	/** Whether an image that bootloaders accept is signed by one of these keys. */
	isSignedBy(device: Device, options: { readonly area: FlashArea; readonly keys: readonly VerifyingKey[] }): boolean;
	/** What the slot holds, whatever the verdict; null where it is no image at all. */
	read(device: Device, slot: Slot): RunningImage | null;
	/** SHA-256 of a slot's first bytes, hex. */
	digest(device: Device, options: { readonly slot: Slot; readonly sizeBytes: number }): string;
}
