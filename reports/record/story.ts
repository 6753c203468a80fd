import type { BlackstartEvent } from '../../harness/events/index.js';
import { formatVirtualTime } from '../text/index.js';

/** What one device did is told only where it went wrong: a fleet's good days would drown the rest. */
export const isStory = (event: BlackstartEvent): boolean => sayEvent(event) !== undefined;

/** One line of a case's story, with its virtual time, or undefined for events that are not told. */
export const tellEvent = (event: BlackstartEvent): string | undefined => {
	const text = sayEvent(event);
	return text === undefined || !('at' in event) ? text : `${formatVirtualTime(event.at)}  ${text}`;
};

const sayEvent = (event: BlackstartEvent): string | undefined => {
	switch (event.kind) {
		case 'scenario-step':
			return event.text;
		case 'world-opened':
			return `a world with ${event.devices} devices opens, seed ${event.seed}`;
		case 'release-published':
			return `release ${event.release} ${event.version} for ${event.hardware}: ${event.sizeBytes} bytes, ${event.behaviour}${event.bad ? ' (bad)' : ''}${event.authentic ? '' : `, must never run: ${event.rejection ?? 'not authentic'}`}`;
		case 'fault-armed':
		case 'fault-fired':
			return `fault ${event.fault} ${event.kind === 'fault-armed' ? 'armed' : 'fired'}${event.count === undefined ? '' : ` ${event.count} times`}${event.device === undefined ? '' : ` on ${event.device}`}${event.detail === undefined ? '' : `: ${event.detail}`}`;
		case 'broker-stopped':
		case 'broker-started':
			return `the broker ${event.kind === 'broker-stopped' ? 'stops' : 'starts'}, its sessions ${event.sessions}`;
		case 'service-stopped':
		case 'service-started':
			return `the update service ${event.kind === 'service-stopped' ? 'stops' : 'starts'}`;
		case 'device-no-boot':
			return `${event.device} does not boot (${event.cause}): ${event.reason}`;
		case 'device-flashed':
			return `${event.device} is flashed by hand, slot ${event.slot}`;
		case 'device-refused':
			return `${event.device} refuses job ${event.job}: ${event.reason}`;
		case 'device-boot':
			return event.reverted ? `${event.device} boots ${event.version} from slot ${event.slot} (${event.cause}), reverted` : undefined;
		default:
			return sayRollout(event);
	}
};

const sayRollout = (event: BlackstartEvent): string | undefined => {
	switch (event.kind) {
		case 'campaign-decision':
			// What is decided of each device would drown the rest.
			return event.device === undefined
				? `campaign ${event.campaign}: ${event.what.replaceAll('-', ' ')}${event.who === 'controller' ? '' : ` by ${event.who}`}: ${event.why}`
				: undefined;
		case 'rollout-planned':
			return `rollout ${event.rollout} of ${event.release} to ${event.devices} devices in waves of ${event.waves.join(', ')}, halts above ${event.maxFailureRatio * 100} % failures`;
		case 'rollout-wave':
			return `rollout ${event.rollout}: wave ${event.wave} goes out to ${event.devices} devices`;
		case 'rollout-gate':
			return `rollout ${event.rollout}: gate after wave ${event.wave} says ${event.decision} (${event.succeeded} succeeded, ${event.failed} failed, ${event.silent} silent)`;
		case 'rollout-halted':
			return `rollout ${event.rollout} halted: ${event.reason}`;
		case 'rollout-rolled-back':
			return `rollout ${event.rollout} rolled back to ${event.release} on ${event.devices} devices`;
		case 'rollout-ended':
			return `rollout ${event.rollout} ended, ${event.outcome}: ${event.succeeded} succeeded, ${event.failed} failed, ${event.untouched} untouched`;
		default:
			return undefined;
	}
};
