import { DeviceTable } from './device-table.js';
import { createFindings } from './findings.js';
import { createInvariant, type Invariant } from './invariant.js';
import { ReleaseBook } from './release-book.js';

/**
 * A device's one-way security counter never falls, never exceeds that of the images it has confirmed (else a revert would
 * brick it), and no image runs whose own counter is below it. Checks are boots in which a counter above 0 plays a part,
 * a device's first aside, and jobs that offer an image below the device's counter.
 */
export const createNoDowngrade = (): Invariant => {
	const findings = createFindings('no-downgrade');
	const releases = new ReleaseBook();
	const devices = new DeviceTable<CounterState>();
	const imageCounter = (state: CounterState, digest: string): number | undefined => releases.find({ hardware: state.hardware, digest })?.securityCounter;
	const judgeCounter = (event: CounterEvent): CounterState => {
		const state = devices.of(event);
		const counter = event.securityCounter;
		if (counter < state.counter) findings.violate(event, `security counter fell from ${state.counter} to ${counter}`);
		else if (counter > state.ceiling) findings.violate(event, `security counter is ${counter}, above the ${state.ceiling} of the images it has confirmed`);
		// What was reported once is the new normal: one wrong step is one violation.
		state.counter = counter;
		state.ceiling = Math.max(state.ceiling, counter);
		return state;
	};
	return createInvariant(findings, {
		handlers: {
			'release-published': (event) => releases.publish(event),
			'device-provisioned': ({ device, hardware, digest, securityCounter }) => {
				const state: CounterState = { hardware, counter: securityCounter, ceiling: securityCounter, booted: false };
				state.ceiling = Math.max(securityCounter, imageCounter(state, digest) ?? 0);
				devices.provision(device, state);
			},
			'device-job': (event) => {
				const state = devices.of(event);
				if ((imageCounter(state, event.digest) ?? Number.POSITIVE_INFINITY) < state.counter) findings.check();
			},
			// An image that is not tried may raise the counter while it is put in place.
			'device-trial-requested': (event) => {
				if (event.runsForGood !== true) return;
				const state = devices.of(event);
				state.ceiling = Math.max(state.ceiling, imageCounter(state, event.digest) ?? 0);
			},
			'device-confirmed': (event) => {
				const state = devices.of(event);
				state.ceiling = Math.max(state.ceiling, imageCounter(state, event.digest) ?? event.securityCounter);
			},
			'device-boot': (event) => {
				const state = judgeCounter(event);
				const own = imageCounter(state, event.digest);
				if (state.booted && (event.securityCounter > 0 || (own ?? 0) > 0)) findings.check();
				state.booted = true;
				if (own === undefined || own >= event.securityCounter) return;
				findings.violate(event, `boots ${releases.describe(event.digest)} of security counter ${own}, below the device's ${event.securityCounter}`);
			},
			'device-audit': judgeCounter,
		},
	});
};

type CounterEvent = { readonly kind: string; readonly at: number; readonly device: string; readonly securityCounter: number };

interface CounterState {
	readonly hardware: string;
	counter: number;
	ceiling: number;
	booted: boolean;
}
