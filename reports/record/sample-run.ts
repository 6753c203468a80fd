import type { BlackstartEvent, Verdict } from '../../harness/events/index.js';

/** One case of a sample run; what is absent has a plain default. */
export interface SampleCase {
	readonly title: string;
	/** `waiting` never starts, `running` starts and never ends. */
	readonly verdict: Verdict | 'waiting' | 'running';
	readonly reason?: string;
	readonly detail?: string;
	readonly steps?: readonly string[];
	readonly console?: string;
	readonly target?: string;
	readonly wallMs?: number;
}

/** An event as a runner feeds it: with the scenario file it belongs to. */
export type FedEvent = readonly [event: BlackstartEvent, scenario?: string];

export interface SampleOptions {
	readonly seed?: string;
	/** Absent: the run is killed before it says that it ended. */
	readonly ended?: Verdict | 'interrupted';
}

/** The events of a whole run in the order a runner with one job feeds them, for tests of reports. */
export const createSampleRun = (files: Readonly<Record<string, readonly SampleCase[]>>, { seed = '42', ended }: SampleOptions = {}): FedEvent[] => [
	[
		{
			kind: 'run-started',
			id: 'sample',
			startedAt: '2026-03-04T05:06:07.089Z',
			seed,
			options: { devices: 500 },
			versions: { blackstart: '0.1.0' },
			scenarios: Object.keys(files),
		},
	],
	...Object.entries(files).map(([scenario, cases]): FedEvent => [{ kind: 'scenario-registered', scenario, titles: cases.map(({ title }) => title) }, scenario]),
	...Object.entries(files).flatMap(([scenario, cases]) =>
		cases.flatMap((one) => createCaseEvents(scenario, { one, seed }).map((event): FedEvent => [event, scenario])),
	),
	...(ended === undefined ? [] : [[{ kind: 'run-ended', verdict: ended, wallMs: 1234, exitCode: 0 }] as const]),
];

const createCaseEvents = (scenario: string, { one, seed }: { readonly one: SampleCase; readonly seed: string }): BlackstartEvent[] => {
	const { title, verdict, reason, detail, target = 'simulated-fleet', wallMs = 250 } = one;
	if (verdict === 'waiting') return [];
	if (verdict === 'skipped') return [{ kind: 'scenario-skipped', scenario, title, target, reason: reason ?? 'needs console' }];
	const begun: BlackstartEvent[] = [
		{ kind: 'scenario-started', scenario, title, target, seed, options: { devices: 500 } },
		{ kind: 'run-case', scenario, title, case: `${scenario} ${title} seed=${seed}` },
		...(one.steps ?? []).map((text, index): BlackstartEvent => ({ kind: 'scenario-step', at: index * 1000, text })),
		{ kind: 'fault-armed', at: 10, fault: 'power-cut', device: 'dev-1' },
		{ kind: 'fault-fired', at: 20, fault: 'power-cut', device: 'dev-1' },
		...(one.console === undefined ? [] : [{ kind: 'run-console', scenario, title, path: one.console } as const]),
	];
	if (verdict === 'running') return begun;
	return [
		...begun,
		{ kind: 'scenario-evidence', name: 'blocks', value: 16 },
		{ kind: 'fault-coverage', rows: [{ row: 'P3', phases: { downloading: 2, reporting: 1 } }] },
		{ kind: 'invariant-judged', invariant: 'bootable', checks: 500, violations: [] },
		{ kind: 'invariant-judged', invariant: 'contained', checks: 0, violations: [] },
		{ kind: 'run-case-timing', scenario, title, startedAt: '2026-03-04T05:06:08.000Z', wallMs },
		{
			kind: 'scenario-ended',
			scenario,
			title,
			verdict,
			...(verdict === 'passed' && reason === undefined ? {} : { reason: reason ?? `${verdict} for a reason` }),
			...(detail === undefined ? {} : { detail }),
			faults: [{ fault: 'power-cut', armed: 1, fired: 1 }],
			virtualMs: 3_600_000,
		},
	];
};
