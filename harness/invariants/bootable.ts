import { DeviceTable } from './device-table.js';
import { createFindings } from './findings.js';
import { createInvariant, type EventOf, type Invariant } from './invariant.js';

/**
 * After any finite sequence of faults and then stable power, some firmware runs: a boot that fails is followed by one
 * that does not, and something runs when the world closes. Checks are attempts to boot other than a device's first power-on.
 */
export const createBootable = (): Invariant => {
	const findings = createFindings('bootable');
	const devices = new DeviceTable<BootState>();
	const attempt = (event: EventOf<'device-boot' | 'device-no-boot'>): BootState => {
		const state = devices.of(event);
		if (state.tried || event.cause !== 'power-on') findings.check();
		state.tried = true;
		return state;
	};
	return createInvariant(findings, {
		handlers: {
			'device-provisioned': ({ device }) => devices.provision(device, { tried: false, failure: undefined, darkAt: undefined }),
			'device-boot': (event) => {
				attempt(event).failure = undefined;
			},
			'device-no-boot': (event) => {
				attempt(event).failure = event;
			},
			'device-audit': (event) => {
				if (event.running === null) devices.of(event).darkAt = event.at;
			},
		},
		atEnd: () => {
			for (const [device, { failure, darkAt }] of devices.entries()) {
				if (failure !== undefined) findings.violate(failure, `does not boot after ${failure.cause}, and never again: ${failure.reason}`);
				else if (darkAt !== undefined) findings.violate({ device, at: darkAt }, 'an image was expected to run when the world closed, and none does');
			}
		},
	});
};

interface BootState {
	tried: boolean;
	failure: EventOf<'device-no-boot'> | undefined;
	darkAt: number | undefined;
}
