import type { BlackstartEvent } from '../../harness/events/index.js';
import { NETWORKED_HARDWARE } from './profile.js';
import type { Life } from './life.js';

/** Said behind a line where the firmware waits for a command from here on. */
export const PROMPT = '> ';

/** What the firmware says on its console of what happens to it. */
export const tellEvent = (event: BlackstartEvent, { device, nonce }: Pick<Life, 'device' | 'nonce'>): readonly string[] => {
	switch (event.kind) {
		case 'device-boot': {
			const behaviour = device.running?.behaviour;
			const starts = [...(event.reverted ? ['boot: revert trial given up'] : []), `boot: ${event.trial ? 'trial' : 'start'} ${event.slot} ${event.version}`];
			if (behaviour === 'crashes-at-boot') return [...starts, 'panic: fault at start'];
			if (behaviour === 'hangs-at-boot') return starts;
			return [...starts, `app: ${NETWORKED_HARDWARE} ${event.version} nonce=${nonce} ${event.trial ? 'trial' : 'confirmed'}`, PROMPT];
		}
		case 'device-no-boot':
			return [`boot: nothing to run: ${event.reason}`];
		case 'device-job':
			return [`ota: job ${event.job}`];
		case 'device-state':
			return event.state === 'downloading' ? ['ota: downloading'] : event.state === 'idle' ? ['ota: idle'] : [];
		case 'device-downloaded':
			return [`ota: downloaded ${event.received} of ${event.blocks} blocks since the last boot`];
		case 'device-trial-requested':
			return ['ota: image taken, restarting'];
		case 'device-refused':
			return [`ota: refused ${event.reason}`];
		case 'device-confirmed':
			return ['app: confirmed'];
		case 'device-reported':
			return [`ota: told ${event.status}`];
		default:
			return [];
	}
};
