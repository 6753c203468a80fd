import type { BlackstartEvent, DeviceOutcome } from '../../harness/events/index.js';
import { isTerminal } from '../../harness/protocols/index.js';
import type { Device, RunningImage } from '../device/index.js';
import type { FleetService } from './fleet-service.js';

/** What a device has come to, by its flash and by the newest job the service holds for it. */
export const outcomeOf = (device: Device, service: FleetService): DeviceOutcome => {
	const { running } = device;
	if (device.state === 'bricked') return 'bricked';
	const job = service.cloud.newestJob(device.id);
	if (!job || job.status === 'CANCELED' || job.status === 'REMOVED') return running ? 'unchanged' : 'stuck';
	if (!running || !isTerminal(job.status)) return 'stuck';
	if (job.status === 'SUCCEEDED') return running.digest === service.digestOf(job.jobId) ? 'updated' : 'stuck';
	return job.statusDetails.reason?.startsWith('reverted') ? 'reverted' : 'refused';
};

/** The last word on a device: truth against belief, then its outcome. */
export const auditDevice = (device: Device, service: FleetService): readonly BlackstartEvent[] => {
	const { running, truth, tally } = device;
	const job = service.cloud.newestJob(device.id);
	return [
		{
			kind: 'device-audit',
			at: device.clock.nowMs,
			device: device.id,
			running: running?.digest ?? null,
			confirmed: running !== null && running.digest === truth.confirmedDigest,
			securityCounter: device.counter.read(),
			settings: running ? truth.settingsDigest(running) : 'unreadable',
			believedVersion: service.cloud.believedVersion(device.id),
			believedStatus: job && isTerminal(job.status) ? job.status : null,
			jobDigest: job ? service.digestOf(job.jobId) : null,
			boots: tally.boots,
			bytesReceived: tally.bytesReceived,
			flashOperations: device.flash.operations,
		},
		{ kind: 'device-final', device: device.id, version: versionOf(running), outcome: outcomeOf(device, service) },
	];
};

const versionOf = (running: RunningImage | null): string | null => running?.version ?? null;
