import type { BlackstartEvent, InvariantName } from '../../../events/index.js';
import { EXPLORE_SCENARIO, leaveRun, verdictOf } from '../leave-run.js';
import type { CarriedOutSession } from './carry-out-session.js';
import type { SessionRequest } from './explore-session.js';
import { mapSession } from './map-session.js';
import type { SessionFinding } from './session-findings.js';
import { formatSessionEnd, formatSessionStory } from './session-text.js';

export interface SessionReport {
	readonly session: CarriedOutSession;
	readonly findings: readonly SessionFinding[];
	readonly knownLimits: readonly SessionFinding[];
	readonly exitCode: number;
	readonly directory: string;
	readonly out?: string | undefined;
}

/** Leaves events and JUnit of a session that was cut everywhere in a run's folder; returns the folder as a person types it. */
export const reportSession = (request: SessionRequest, report: SessionReport): string => {
	const { target, bootloader, tears, depth, strict } = request;
	return leaveRun({
		seed: target.seed,
		options: { session: true, profile: target.profile, bootloader, tears, depth, strict },
		events: eventsOf(request, report),
		seconds: report.session.seconds,
		exitCode: report.exitCode,
		directory: report.directory,
		out: report.out,
	});
};

const eventsOf = (
	{ target, bootloader, tears, depth }: SessionRequest,
	{ session, findings, knownLimits, exitCode }: SessionReport,
): readonly BlackstartEvent[] => {
	const title = `session of ${target.profile} (${bootloader}), tears ${tears}`;
	const named = { scenario: EXPLORE_SCENARIO, title };
	const verdict = verdictOf(exitCode);
	const [first] = findings;
	const reason = first === undefined ? formatSessionEnd(session, { findings: 0, depth }).trim() : `${first.class}: ${first.message}`;
	const cuts = session.runs.reduce((sum, { hits }) => sum + hits.length, 0);
	return [
		{ kind: 'scenario-registered', scenario: EXPLORE_SCENARIO, titles: [title] },
		{ kind: 'scenario-started', ...named, target: 'simulated device', seed: target.seed, options: { profile: target.profile, bootloader, tears, depth } },
		...(first === undefined ? [] : [{ kind: 'run-case', ...named, case: first.case } as const]),
		...(
			[
				['sessions', session.runs.length],
				['cuts', cuts],
				['flash operations', session.undisturbed.operations],
				['messages', session.undisturbed.messages],
				['known limits', knownLimits.length],
			] as const
		).map(([name, value]) => ({ kind: 'scenario-evidence', name, value }) as const),
		{ kind: 'explorer-session-map', tears, rows: mapSession(session.runs) },
		...JUDGED.map((invariant) => ({
			kind: 'invariant-judged' as const,
			invariant,
			checks: session.runs.length,
			violations: findings.filter((one) => one.invariant === invariant).map((one) => ({ at: 0, message: `${one.class}: ${one.message}` })),
		})),
		{
			kind: 'scenario-ended',
			...named,
			verdict,
			...(verdict === 'passed' ? {} : { reason }),
			...(findings.length === 0 ? {} : { detail: findings.map(formatSessionStory).join('\n') }),
			faults: [{ fault: 'power-cut', armed: cuts, fired: cuts }],
			virtualMs: 0,
		},
	];
};

/** Those that one device and its service can break. */
const JUDGED: readonly InvariantName[] = [
	'bootable',
	'whole',
	'authentic',
	'no-downgrade',
	'trial',
	'settings',
	'truthful',
	'once',
	'converges',
	'thrifty',
	'tidy',
];
