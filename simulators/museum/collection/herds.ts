import type { Exhibit } from '../exhibit.js';
import { reconnects, reports } from '../parts/index.js';

/** What makes a fleet, or two clients, move in step. */
export const HERDS: readonly Exhibit[] = [
	{
		name: 'dials-as-soon-as-it-boots',
		bug: 'a device dials as soon as it has booted, with every other that got its power back at that moment',
		incident: 'teleport#6889: the whole fleet is back at one moment; freenet#3210',
		story: 'power-back-everywhere',
		invariant: 'gentle',
		parts: { device: { firstDialDelayMs: reconnects.dialOnceBooted } },
	},
	{
		name: 'reports-once-booted',
		bug: 'the timer of the periodic report begins at the boot: devices that booted together report together for ever',
		incident: 'fleetdm#3271: the echo comes back every interval',
		story: 'power-back-everywhere',
		invariant: 'gentle',
		parts: { device: { firstReportDelayMs: reports.aPeriodAfterTheBoot } },
	},
	{
		name: 'reports-on-the-full-hour',
		bug: 'every device makes its periodic report at the same moment of the clock',
		incident: "hertzbeat#4328; hawkBit's SDK simulator polls without jitter",
		story: 'power-back-everywhere',
		invariant: 'gentle',
		parts: { device: { firstReportDelayMs: reports.onTheFullPeriod } },
	},
];
