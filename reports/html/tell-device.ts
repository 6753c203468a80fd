import type { BlackstartEvent } from '../../harness/events/index.js';
import type { LANES } from './run-data.js';

export type Lane = (typeof LANES)[number];

/** What an event means for one device's timeline: its lane and a few words; undefined for what stands there otherwise. */
export const tellDevice = (event: BlackstartEvent): readonly [lane: Lane, text: string] | undefined => {
	switch (event.kind) {
		case 'device-state':
			return ['state', event.state];
		case 'device-power':
			return ['power', event.power === 'on' ? 'power on' : `power off${event.cause === undefined ? '' : ` (${event.cause})`}`];
		case 'device-boot':
			return ['boot', `boots ${event.version} from slot ${event.slot} (${event.cause})${event.trial ? ', trial' : ''}${event.reverted ? ', reverted' : ''}`];
		case 'device-no-boot':
			return ['boot', `does not boot (${event.cause}): ${event.reason}`];
		case 'device-flashed':
			return ['boot', `slot ${event.slot} is written by hand`];
		case 'device-job':
			return ['update', `takes ${event.job}`];
		case 'device-refused':
			return ['update', `refuses ${event.job}: ${event.reason}`];
		case 'device-downloaded':
			return ['update', `downloaded ${event.blocks} blocks, ${event.received} received, ${event.resumes} resumed`];
		case 'device-trial-requested':
			return ['update', event.runsForGood ? 'hands the image to its bootloader, for good' : 'asks for a trial'];
		case 'device-confirmed':
			return ['update', `confirms (security counter ${event.securityCounter})`];
		case 'device-settings-changed':
			return ['update', 'settings change'];
		case 'device-reported':
			return ['update', `reports ${event.status}${event.reason === undefined ? '' : `: ${event.reason}`}`];
		case 'device-handshake-failed':
			return ['service', `handshake failed: ${event.reason}`];
		case 'device-contended':
			return ['service', `its name was contended for ${event.forMs} ms`];
		case 'service-job':
			return ['service', `the service holds ${event.job} ${event.status}`];
		case 'service-inventory':
			return ['service', `the service holds version ${event.version}`];
		case 'fault-armed':
			return ['fault', `${event.fault} armed`];
		case 'fault-fired':
			return ['fault', `${event.fault}${event.detail === undefined ? '' : `: ${event.detail}`}`];
		case 'device-audit':
			return event.leftovers.length === 0 ? undefined : ['update', `left over: ${event.leftovers.join(', ')}`];
		default:
			return undefined;
	}
};
