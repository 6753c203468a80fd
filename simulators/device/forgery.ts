import type { DeviceFault } from '../../harness/faults/index.js';
import { encodeDeviceReport, jobsTopic, parseDeviceReport, reportTopic } from '../../harness/protocols/index.js';
import type { Agent } from './agent.js';
import type { Device } from './device.js';

type Forgery = Extract<DeviceFault, { kind: 'forged-message' }>;

const LOOK_EVERY_MS = 250;

/** Says it as soon as the device is connected and knows what to say; `fired` is told on which topic. */
export const forgeMessage = (device: Device, fault: Forgery, fired: (detail: string) => void): void => {
	device.clock.after(Math.max(1, fault.afterMs), () => {
		const { agent } = device;
		const message = agent?.connected === true ? wordsOf(agent, fault) : undefined;
		if (agent === undefined || message === undefined) return forgeMessage(device, { ...fault, afterMs: LOOK_EVERY_MS }, fired);
		fired(`${fault.says} on ${message.topic}`);
		device.run(() => agent.send(message.topic, message.payload));
	});
};

const wordsOf = (agent: Agent, { victim, says }: Forgery): { readonly topic: string; readonly payload: Uint8Array } | undefined => {
	const { device, image } = agent;
	if (says === 'report') {
		const own = parseDeviceReport(device.parts.report(device, image));
		return own && { topic: reportTopic(victim), payload: encodeDeviceReport({ ...own, version: '9.9.9+0' }) };
	}
	const job = agent.journal.current()?.job;
	if (says === 'job') {
		const execution = { jobId: 'forged', status: 'QUEUED', queuedAt: 1, lastUpdatedAt: 1, versionNumber: 1, executionNumber: 1, jobDocument: {} };
		return { topic: jobsTopic(victim, 'notify-next'), payload: Buffer.from(JSON.stringify({ timestamp: 1, execution })) };
	}
	return job === undefined ? undefined : { topic: jobsTopic(victim, `${job}/update`), payload: Buffer.from(JSON.stringify({ status: 'SUCCEEDED' })) };
};
