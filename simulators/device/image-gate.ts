import type { Slot } from '../bootloader/index.js';
import type { Device } from './device.js';

export interface DownloadedImage {
	readonly slot: Slot;
	readonly sizeBytes: number;
	/** SHA-256 that the job names, hex. */
	readonly digest: string;
}

/** What speaks against a trial of what lies in the slot: its bytes must be those the job names, and the bootloader must be willing to run them. */
export const objectionToImage = (device: Device, { slot, sizeBytes, digest }: DownloadedImage): string | undefined => {
	const { slots } = device.surroundings;
	const found = slots.digest(device, { slot, sizeBytes });
	if (found !== digest) return `the bytes in flash have digest ${found.slice(0, 12)}, the job names ${digest.slice(0, 12)}`;
	const verdict = slots.judge(device, device.bootloader.imageArea(slot));
	if (!verdict.ok) return `image refused: ${verdict.reason}`;
	const { version, keys } = device.keys.current();
	if (!slots.isSignedBy(device, { area: device.bootloader.imageArea(slot), keys }))
		return `key: the image is signed by none of key set ${version}, which this device has come to`;
	const counter = device.counter.read();
	if (verdict.securityCounter < counter) return `downgrade refused: the image's security counter is ${verdict.securityCounter}, this device's ${counter}`;
	const most = device.profile.largestCounterStep;
	if (most !== null && verdict.securityCounter > counter + most)
		return `fast-forward refused: the image's security counter is ${verdict.securityCounter}, more than ${most} above this device's ${counter}`;
	const reads = slots.read(device, slot)?.settingsSchema ?? 0;
	const written = device.running?.settingsSchema ?? 0;
	return reads < written ? `settings: the image reads schema ${reads}, they are of schema ${written}` : undefined;
};
