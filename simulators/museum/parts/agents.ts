import { type DeviceParts, RIGHT_PARTS } from '../../device/index.js';

/** Makes room: erases the slot it runs from before it reboots into the other. */
export const eraseFallback: DeviceParts['handOver'] = (agent, execution) => {
	const { device, life } = agent;
	const { layout } = device.profile;
	const { offsetBytes, sizeBytes } = life.slot === 'a' ? layout.slotA : layout.slotB;
	device.flash.erase(offsetBytes, sizeBytes);
	RIGHT_PARTS.handOver(agent, execution);
};

/** Takes the job out of a notice, without asking the service for it. */
export const installFromNotice: DeviceParts['heedNotice'] = (agent, execution) => {
	if (execution !== undefined) agent.install(execution);
};
