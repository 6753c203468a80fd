import type { DeviceFault } from '../../harness/faults/index.js';
import type { Device } from './device.js';

const LOOK_EVERY_MS = 500;

/** Waits until the device runs an image for good, then writes a slot over; `fired` is told what was done. */
export const flashByHand = (device: Device, fault: Extract<DeviceFault, { kind: 'flashed-by-hand' }>, fired: (detail: string) => void): void => {
	device.clock.after(Math.max(1, fault.afterMs), () => {
		const runs = device.agent?.life.slot;
		if (runs === undefined || device.bootloader.state()?.trial !== null) return flashByHand(device, { ...fault, afterMs: LOOK_EVERY_MS }, fired);
		const slot = (fault.slot === 'running') === (runs === 'a') ? 'a' : 'b';
		fired(`${fault.image.length} bytes into slot ${slot}, ${fault.slot}`);
		device.run(() => device.reprogram(slot, fault.image));
	});
};
