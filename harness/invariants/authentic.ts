import { DeviceTable } from './device-table.js';
import { createFindings } from './findings.js';
import { createInvariant, type Invariant } from './invariant.js';
import { isTerminalStatus } from './job-status.js';
import { ReleaseBook } from './release-book.js';

/**
 * Nothing unsigned, tampered with, for other hardware or of another key ever runs: whatever boots was published as authentic
 * for the device's hardware. Bytes that nobody released are left to `whole`. Checks are boots, and jobs that offered
 * a device an image it must not run and came to an end.
 */
export const createAuthentic = (): Invariant => {
	const findings = createFindings('authentic');
	const releases = new ReleaseBook();
	const devices = new DeviceTable<AuthenticState>();
	const endJob = (event: { readonly kind: string; readonly device: string; readonly job: string }): void => {
		if (devices.of(event).forbiddenJobs.delete(event.job)) findings.check();
	};
	return createInvariant(findings, {
		handlers: {
			'release-published': (event) => releases.publish(event),
			'device-provisioned': ({ device, hardware }) => devices.provision(device, { hardware, forbiddenJobs: new Set() }),
			'device-job': (event) => {
				const { hardware, forbiddenJobs } = devices.of(event);
				if (releases.isReleased(event.digest) && releases.find({ hardware, digest: event.digest })?.authentic !== true) forbiddenJobs.add(event.job);
			},
			'device-refused': endJob,
			'service-job': (event) => {
				if (isTerminalStatus(event.status)) endJob(event);
			},
			'device-boot': (event) => {
				findings.check();
				const { hardware } = devices.of(event);
				const image = releases.find({ hardware, digest: event.digest });
				if (image?.authentic === true || !releases.isReleased(event.digest)) return;
				const why = image === undefined ? `it is not for hardware ${hardware}` : (image.rejection ?? 'it is not authentic');
				findings.violate(event, `boots ${releases.describe(event.digest)}, which must never run: ${why}`);
			},
		},
	});
};

interface AuthenticState {
	readonly hardware: string;
	readonly forbiddenJobs: Set<string>;
}
