import { createFindings } from './findings.js';
import { createInvariant, type EventOf, type Invariant } from './invariant.js';

/**
 * After an outage the fleet comes back at a bounded rate. A device whose waits double, each drawn evenly up to its ceiling, dials
 * about once in the time that the outage has lasted, and at least once a minute: so many devices dial, at most,
 *
 * | what | in | most |
 * |---|---|---|
 * | attempts to connect | one second | 10 + 6 x affected devices / seconds of the outage (1 to 60) |
 * | requests, those for blocks aside | ten seconds | 20 + 12 x affected devices |
 *
 * Six times the mean leaves room for chance and for devices that found out at one moment. An outage of a second or two bounds
 * nothing: every device may come back at once. Checks are seconds after an outage in which the fleet asked for anything.
 */
export const createGentle = (): Invariant => {
	const findings = createFindings('gentle');
	let window: EventOf<'fleet-load'>[] = [];
	/** Until then a window of too many requests has been told of. */
	let toldUntil = Number.NEGATIVE_INFINITY;
	return createInvariant(findings, {
		handlers: {
			// Another world begins its time anew.
			'world-opened': () => {
				window = [];
				toldUntil = Number.NEGATIVE_INFINITY;
			},
			'fleet-load': (event) => {
				findings.check();
				const { at, connects, affected, outageMs } = event;
				const mostConnects = CONNECTS_SPARE + Math.floor((CONNECTS_OF_MEAN * affected) / Math.min(60, Math.max(1, outageMs / 1_000)));
				if (connects > mostConnects)
					findings.violate(
						event,
						`the fleet dialled ${connects} times in a second after an outage of ${outageMs / 1_000} s that cut off ${affected} devices; at most ${mostConnects} were expected`,
					);
				window = [...window.filter((other) => other.at > at - WINDOW_MS), event];
				const requests = window.reduce((sum, other) => sum + other.requests, 0);
				const mostRequests = REQUESTS_SPARE + REQUESTS_PER_DEVICE * Math.max(...window.map((other) => other.affected));
				if (requests > mostRequests && at > toldUntil) {
					toldUntil = at + WINDOW_MS;
					findings.violate(
						event,
						`the fleet made ${requests} requests in ${WINDOW_MS / 1_000} seconds after an outage that cut off ${affected} devices; at most ${mostRequests} were expected`,
					);
				}
			},
		},
	});
};

const WINDOW_MS = 10_000;
const CONNECTS_SPARE = 10;
const CONNECTS_OF_MEAN = 6;
const REQUESTS_SPARE = 20;
const REQUESTS_PER_DEVICE = 12;
