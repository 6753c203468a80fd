import type { ResetCause } from '../../harness/events/index.js';
import type { Device } from './device.js';
import type { PastConnection } from './device-parts.js';

const FIRST_MS = 1_000;
const LAST_MS = 60_000;

/**
 * How long a device waits before it dials again, after so many connections that came to nothing: anything up to a ceiling that
 * doubles ("full jitter", AWS Architecture Blog, "Exponential Backoff And Jitter"), so that a fleet that lost its broker at one
 * moment does not come back at one moment.
 */
export const reconnectDelayMs = (device: Device, failures: number): number => 1 + device.random.integer(Math.min(LAST_MS, FIRST_MS * 2 ** failures));

/** Longer than another client of the same name leaves a connection alone. */
const PROVED_AFTER_MS = 30_000;

/**
 * Whether a connection was of use, so that the waits begin anew. A broker that takes connections proves nothing where the service
 * behind it is deaf; nor does an answer where another client with this device's name takes its place a moment later.
 */
export const provedItself = ({ heard, lastedMs }: PastConnection): boolean => heard && lastedMs >= PROVED_AFTER_MS;

/** After these, others may have booted at the same moment. */
const POWER_RETURNED: readonly ResetCause[] = ['power-on', 'power-loss', 'brown-out'];
const POWER_RETURN_SPREAD_MS = 20_000;

/** How long a device that has booted waits before it dials: where power came back to a whole region, every device of it boots at one moment. */
export const firstDialDelayMs = ({ resetCause, random, tally }: Device): number =>
	POWER_RETURNED.includes(resetCause) ? random.stream(`first-dial/${tally.boots}`).integer(POWER_RETURN_SPREAD_MS) : 0;
