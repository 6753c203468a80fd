import { createFindings, type Findings } from './findings.js';
import { createInvariant, type EventOf, type Invariant } from './invariant.js';

/**
 * After an outage the fleet comes back at a bounded rate. A device whose waits double, each drawn evenly up to its ceiling, dials
 * about once in the time that the outage has lasted, and at least once a minute: so many devices dial, at most,
 *
 * | what | in | most |
 * |---|---|---|
 * | attempts to connect | one second | 10 + 6 x affected devices / seconds of the outage (1 to 60) |
 * | requests, those for blocks aside | ten seconds | 20 + 12 x affected devices |
 * | reports by a timer, outage or not | one second | 10 + 6 x devices / seconds between two reports of one device |
 * | one device's attempts to connect while another client takes its place | that time | 10 + 4 a minute |
 *
 * Six times the mean leaves room for chance and for devices that found out at one moment. An outage of a second or two bounds
 * nothing: every device may come back at once. A network segment that was cut off is judged by itself.
 * Checks are seconds after an outage in which the fleet asked for anything, worlds whose devices report by a timer, and contests.
 */
export const createGentle = (): Invariant => {
	const findings = createFindings('gentle');
	/** By segment; the whole fleet's has no name. */
	const windows = new Map<string, RequestWindow>();
	return createInvariant(findings, {
		handlers: {
			// Another world begins its time anew.
			'world-opened': () => windows.clear(),
			'fleet-load': (event) => {
				findings.check();
				judgeConnects(findings, event);
				const { segment = '' } = event;
				const window = windows.get(segment) ?? { loads: [], toldUntil: Number.NEGATIVE_INFINITY };
				windows.set(segment, window);
				judgeRequests(findings, event, window);
			},
			'device-contended': (event) => {
				findings.check();
				const { forMs, dials, takenBack } = event;
				const most = CONTEST_SPARE + Math.ceil((CONTEST_PER_MINUTE * forMs) / 60_000);
				if (dials > most)
					findings.violate(
						event,
						`dialled ${dials} times in ${forMs / 1_000} s, in which another client had its name and it took its place back ${takenBack} times; at most ${most} were expected`,
					);
			},
			'fleet-routine': (event) => {
				findings.check();
				const { everyMs, devices, busiest, busiestAt } = event;
				const most = ROUTINE_SPARE + Math.floor((ROUTINE_OF_MEAN * devices * 1_000) / everyMs);
				if (busiest > most)
					findings.violate(
						{ at: busiestAt },
						`${busiest} of ${devices} devices, each of which reports once in ${everyMs / 1_000} s, reported in one second; at most ${most} were expected`,
					);
			},
		},
	});
};

const judgeConnects = (findings: Findings, event: EventOf<'fleet-load'>): void => {
	const { connects, affected, outageMs } = event;
	const most = CONNECTS_SPARE + Math.floor((CONNECTS_OF_MEAN * affected) / Math.min(60, Math.max(1, outageMs / 1_000)));
	if (connects > most)
		findings.violate(
			event,
			`${whoOf(event)} dialled ${connects} times in a second after an outage of ${outageMs / 1_000} s that cut off ${affected} devices; at most ${most} were expected`,
		);
};

const judgeRequests = (findings: Findings, event: EventOf<'fleet-load'>, window: RequestWindow): void => {
	const { at } = event;
	window.loads = [...window.loads.filter((other) => other.at > at - WINDOW_MS), event];
	const requests = window.loads.reduce((sum, other) => sum + other.requests, 0);
	const affected = Math.max(...window.loads.map((other) => other.affected));
	const most = REQUESTS_SPARE + REQUESTS_PER_DEVICE * affected;
	if (requests <= most || at <= window.toldUntil) return;
	window.toldUntil = at + WINDOW_MS;
	findings.violate(
		event,
		`${whoOf(event)} made ${requests} requests in ${WINDOW_MS / 1_000} seconds after an outage that cut off ${affected} devices; at most ${most} were expected`,
	);
};

const whoOf = ({ segment }: EventOf<'fleet-load'>): string => (segment === undefined ? 'the fleet' : `segment ${segment}`);

interface RequestWindow {
	loads: readonly EventOf<'fleet-load'>[];
	/** Until then a window of too many requests has been told of. */
	toldUntil: number;
}

const WINDOW_MS = 10_000;
const CONNECTS_SPARE = 10;
const CONNECTS_OF_MEAN = 6;
const REQUESTS_SPARE = 20;
const REQUESTS_PER_DEVICE = 12;
const CONTEST_SPARE = 10;
const CONTEST_PER_MINUTE = 4;
const ROUTINE_SPARE = 10;
const ROUTINE_OF_MEAN = 6;
