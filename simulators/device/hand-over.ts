import type { DeviceExecution, JobsReply } from '../../harness/protocols/index.js';
import type { Agent } from './agent.js';

const REBOOT_AFTER_MS = 100;
const REBOOT_AT_THE_LATEST_MS = 5_000;

/** The trial is requested: tells the service that the update goes on, and reboots into it, heard or not. */
export const handOver = (agent: Agent, { jobId, versionNumber }: DeviceExecution): void => {
	const { device, jobs } = agent;
	const reboot = device.after(REBOOT_AT_THE_LATEST_MS, () => device.reset('update'));
	jobs.update(jobId, { status: 'IN_PROGRESS', statusDetails: { self_test: 'ready' }, expectedVersion: versionNumber }, (reply: JobsReply) => {
		reboot.cancel();
		device.after(reply.accepted ? REBOOT_AFTER_MS : REBOOT_AT_THE_LATEST_MS, () => device.reset('update'));
	});
};
