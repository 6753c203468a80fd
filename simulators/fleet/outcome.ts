import type { BlackstartEvent, DeviceOutcome } from '../../harness/events/index.js';
import { isTerminal } from '../../harness/protocols/index.js';
import { type Device, type RunningImage, UpdateJournal } from '../device/index.js';
import type { FleetService } from './fleet-service.js';
import type { PresenceTruth } from './presence-truth.js';

/** Whose belief is held against a device's truth. */
export interface Believers {
	readonly service: FleetService;
	/** Where devices tell their presence. */
	readonly presence: PresenceTruth | undefined;
}

/** What a device has come to, by its flash and by the newest job the service holds for it. */
export const outcomeOf = (device: Device, service: FleetService): DeviceOutcome => {
	const { running } = device;
	if (device.state === 'bricked') return 'bricked';
	const job = service.cloud.newestJob(device.id);
	if (!job || job.status === 'CANCELED' || job.status === 'REMOVED') return running ? 'unchanged' : 'stuck';
	if (!running || !isTerminal(job.status)) return 'stuck';
	if (job.status === 'SUCCEEDED') {
		if (running.digest === service.digestOf(job.jobId)) return 'updated';
		return device.truth.wasReprogrammed ? 'unchanged' : 'stuck';
	}
	return job.statusDetails.reason?.startsWith('reverted') ? 'reverted' : 'refused';
};

/** The last word on a device: truth against belief, then its outcome. */
export const auditDevice = (device: Device, { service, presence }: Believers): readonly BlackstartEvent[] => {
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
			...(presence === undefined ? {} : { presence: presence.audit(device.id, service.cloud) }),
			leftovers: leftoversOf(device),
		},
		{ kind: 'device-final', device: device.id, version: versionOf(running), outcome: outcomeOf(device, service) },
	];
};

/** What an update that is over should have cleared away, as it lies in flash; nothing of a device that is not done yet. */
const leftoversOf = (device: Device): readonly string[] => {
	const { running } = device;
	if (running === null || !device.atRest) return [];
	const journal = new UpdateJournal({ flash: device.flash, area: device.profile.layout.journal }).current();
	const outcome = device.outcome.pending();
	const boot = device.bootloader.state();
	const schemas = device.settings.schemas();
	return [
		...(journal === null ? [] : [`the journal of ${journal.job}, ${journal.phase}`]),
		...(outcome === null ? [] : [`the outcome ${outcome.status} of ${outcome.job}, not acknowledged`]),
		...(boot !== null && boot.trial !== null ? [`slot ${boot.trial} is flagged for a trial`] : []),
		...(boot !== null && boot.lastRevert !== null ? [`a revert (${boot.lastRevert}), not acknowledged`] : []),
		...(schemas.length > 1 ? [`settings of ${schemas.length} schemas: ${schemas.join(', ')}`] : []),
	];
};

const versionOf = (running: RunningImage | null): string | null => running?.version ?? null;
