import { DeviceTable } from './device-table.js';
import { createFindings } from './findings.js';
import { createInvariant, type EventOf, type Invariant } from './invariant.js';

/**
 * An update that is over leaves nothing behind: no journal, no outcome that nobody acknowledged, no flag for a trial or a
 * revert, no settings of a schema that nothing reads any more. The other slot's image stays, as what a revert returns to.
 *
 * A device that is not done, runs nothing or is left on an unconfirmed image is left to `converges`, `bootable` and `trial`.
 * Checks are devices that had a job and are done.
 */
export const createTidy = (): Invariant => {
	const findings = createFindings('tidy');
	const devices = new DeviceTable<End>();
	return createInvariant(findings, {
		handlers: {
			'device-provisioned': ({ device }) => devices.provision(device, { hadJob: false, audit: undefined, outcome: undefined }),
			'device-job': (event) => {
				devices.of(event).hadJob = true;
			},
			'device-audit': (event) => {
				devices.of(event).audit = event;
			},
			'device-final': (event) => {
				// A board is judged by its own events.
				const state = devices.find(event.device);
				if (state !== undefined) state.outcome = event.outcome;
			},
		},
		atEnd: () => {
			for (const [, { hadJob, audit, outcome }] of devices.entries()) {
				if (audit === undefined || audit.running === null || !audit.confirmed || outcome === 'stuck' || outcome === 'bricked') continue;
				if (hadJob) findings.check();
				if (audit.leftovers.length > 0) findings.violate(audit, `nothing was to be left of an update that is over; there is ${audit.leftovers.join('; ')}`);
			}
		},
	});
};

interface End {
	hadJob: boolean;
	audit: EventOf<'device-audit'> | undefined;
	outcome: EventOf<'device-final'>['outcome'] | undefined;
}
