import type { DeviceExecution } from '../../harness/protocols/index.js';
import type { Agent } from './agent.js';

/**
 * A notice says that there is something to ask for, never what to install: one that a broker had kept for an older version
 * of this device, or for a job that was taken back since, comes like any other. Where the device is not at rest it has asked
 * for work, or will.
 */
export const heedNotice = (agent: Agent, execution: DeviceExecution | undefined): void => {
	if (!execution || !agent.device.atRest) return;
	agent.device.setAtRest(false);
	agent.work();
};
