import { availableParallelism } from 'node:os';
import { FLEET_PROFILES } from '../../../../simulators/device/index.js';
import { BOOTLOADER_NAMES, type BootloaderName, isBootloaderName } from '../../../bootloader/index.js';
import type { TearLevel } from '../../../explorer/index.js';
import { parseCount, parseSeed, parseShrink, parseTime } from '../../run/flag-values.js';
import { nearestNames } from '../../run/nearest-names.js';
import { EXIT_CODES } from '../../run/outcome.js';
import { realTime } from '../../../time/index.js';
import { UsageError } from '../../usage-error.js';
import { type ExploreArguments, isTyped, PART_FLAGS } from '../explore-flags.js';
import { TEARS_IN_WORDS } from '../explore-text.js';
import { type CarriedOutSession, carryOutSession } from './carry-out-session.js';
import { SESSION_LEVELS } from './plan-cuts.js';
import { reportSession } from './report-session.js';
import { ownBootloader } from './own-bootloader.js';
import { MOST_CUTS, parseSessionCase, type SessionTarget } from './session-case.js';
import { findInSessions, type SessionFinding } from './session-findings.js';
import { shrinkSession } from './shrink-session.js';
import { openSessionProgress } from './session-progress.js';
import { countPhases, formatPhases, formatSessionEnd, formatSessionStory } from './session-text.js';

/** What is cut, as it was asked for. */
export interface SessionRequest {
	readonly target: SessionTarget;
	/** The device's, whoever chose it. */
	readonly bootloader: BootloaderName;
	readonly tears: TearLevel;
	readonly depth: number;
	readonly jobs: number;
	readonly mostMs: number;
	readonly strict: boolean;
	/** For all that was found together; 0: not at all. */
	readonly shrinkMs: number;
}

const MOST_JOBS = 256;

/** `blackstart explore --session`: cuts a whole update of a device of the fleet everywhere; returns the exit code. */
export const exploreSession = async (typed: ExploreArguments, { directory }: { readonly directory: string }): Promise<number> => {
	const request = readRequest(typed);
	const people = typed.json ? process.stderr : process.stdout;
	people.write(`${describeRequest(request)}\n`);
	const progress = openSessionProgress(process.stderr);
	const session = await carryOutSession({ ...request, onProgress: (now) => progress.done(now) }).finally(() => progress.end());
	const all = await shrinkAll(findInSessions(session.runs, request), request);
	const isLimit = ({ limit }: SessionFinding): boolean => limit !== undefined && !request.strict;
	const outcome = { session, findings: all.filter((one) => !isLimit(one)), knownLimits: all.filter(isLimit) };
	const exitCode = exitCodeOf(session, outcome.findings.length);
	const folder = reportSession(request, { ...outcome, exitCode, directory, out: typed.out });
	for (const one of [...outcome.findings, ...outcome.knownLimits]) people.write(`\n${formatSessionStory(one)}`);
	const { operations, messages } = session.undisturbed;
	people.write(`\nundisturbed: ${operations} flash operations, ${messages} messages; power lost while the device was\n${formatPhases(session.runs)}`);
	people.write(`${formatSessionEnd(session, { findings: outcome.findings.length, depth: request.depth })}report: ${folder}\n`);
	if (typed.json) process.stdout.write(`${JSON.stringify(describeOutcome(request, outcome))}\n`);
	return exitCode;
};

const shrinkAll = async (found: readonly SessionFinding[], { shrinkMs }: SessionRequest): Promise<readonly SessionFinding[]> => {
	if (shrinkMs === 0) return found;
	const endMs = realTime.nowMs() + shrinkMs;
	const all: SessionFinding[] = [];
	for (const one of found) {
		const shrunk = await shrinkSession(parseSessionCase(one.case), { goesOn: () => realTime.nowMs() < endMs });
		all.push(shrunk === null ? one : { ...one, shrunk });
	}
	return all;
};

const exitCodeOf = ({ end }: CarriedOutSession, findings: number): number => {
	if (end === 'interrupted') return EXIT_CODES.interrupted;
	if (findings > 0) return EXIT_CODES.failed;
	return end === 'every-cut' ? EXIT_CODES.passed : EXIT_CODES.inconclusive;
};

const describeRequest = ({ target, bootloader, tears, depth, jobs }: SessionRequest): string =>
	`explore a session of ${target.profile} (${bootloader}): download, write, request, reboot, self-test, confirm, report, clean up · tears ${tears}: ${TEARS_IN_WORDS[tears]}, and at messages · ${depth === 1 ? 'one power loss' : 'up to two power losses'} · seed ${target.seed} · ${jobs} ${jobs === 1 ? 'process' : 'processes'}`;

const describeOutcome = (
	{ target, bootloader, tears, depth, mostMs }: SessionRequest,
	{
		session,
		findings,
		knownLimits,
	}: { readonly session: CarriedOutSession; readonly findings: readonly SessionFinding[]; readonly knownLimits: readonly SessionFinding[] },
) => ({
	session: true,
	profile: target.profile,
	bootloader,
	seed: target.seed,
	closed: false,
	end: session.end,
	states: null,
	cuts: session.runs.length,
	planned: session.planned,
	seconds: session.seconds,
	tears,
	cycles: 1,
	depth,
	limits: Number.isFinite(mostMs) ? { seconds: mostMs / 1000 } : {},
	operations: session.undisturbed.operations,
	messages: session.undisturbed.messages,
	phases: [...countPhases(session.runs)].map(([state, outcomes]) => ({ state, ...Object.fromEntries(outcomes) })),
	findings: findings.map((one) => ({
		invariant: one.invariant,
		class: one.class,
		case: one.case,
		cuts: one.run.cuts.length,
		message: one.message,
		seen: one.seen,
		...(one.shrunk === undefined ? {} : { shrunk: one.shrunk.json }),
	})),
	knownLimits: knownLimits.map((one) => ({
		name: one.limit?.name,
		case: one.case,
		class: one.class,
		cuts: one.run.cuts.length,
		source: one.limit?.source,
		seen: one.seen,
		...(one.shrunk === undefined ? {} : { shrunk: one.shrunk.json }),
	})),
});

/** What a session has of its own: its flash is the profile's, its images fill its slot. */
const FOREIGN = ['module', 'layout', ...PART_FLAGS, 'tear-seeds', 'cycles', 'images', 'from', 'to', 'max-states', 'sweep'] as const;

const readRequest = (typed: ExploreArguments): SessionRequest => {
	for (const flag of FOREIGN) {
		if (isTyped(typed, flag)) throw new UsageError(`--${flag}: it does not go with --session, whose device has flash and images of its own`);
	}
	const tears = (typed.tears ?? 'L0').toUpperCase() as TearLevel;
	if (!SESSION_LEVELS.includes(tears)) throw new UsageError(`--tears: one of ${SESSION_LEVELS.join(', ')} was expected with --session, got '${typed.tears}'`);
	const { profile, own } = readProfile(typed.profile ?? DEFAULT_PROFILE);
	const bootloader = typed.bootloader === undefined ? null : readBootloader(typed.bootloader);
	return {
		target: { profile, bootloader: bootloader === own ? null : bootloader, seed: parseSeed(typed.seed ?? '1') },
		bootloader: bootloader ?? own,
		tears,
		depth: typed.depth === undefined ? 1 : parseCount(typed.depth, { flag: 'depth', most: MOST_CUTS }),
		jobs: typed.jobs === undefined ? availableParallelism() : parseCount(typed.jobs, { flag: 'jobs', most: MOST_JOBS }),
		mostMs: typed['max-time'] === undefined ? Number.POSITIVE_INFINITY : parseTime(typed['max-time'], { flag: 'max-time' }),
		strict: typed.strict,
		shrinkMs: parseShrink({ shrink: typed.shrink === true, seconds: typed['shrink-seconds'] }),
	};
};

const readBootloader = (name: string): BootloaderName => {
	if (isBootloaderName(name)) return name;
	throw new UsageError(`--bootloader: one of ${BOOTLOADER_NAMES.join(', ')} was expected with --session, got '${name}'${didYouMean(name, BOOTLOADER_NAMES)}`);
};

const didYouMean = (name: string, names: readonly string[]): string => {
	const near = nearestNames(name, names);
	return near.length > 0 ? `; did you mean ${near.join(', ')}?` : '';
};

const DEFAULT_PROFILE = 'sensor';

const readProfile = (name: string): { readonly profile: string; readonly own: BootloaderName } => {
	const own = ownBootloader(name);
	if (own !== undefined) return { profile: name, own };
	const names = FLEET_PROFILES.map((profile) => profile.name);
	throw new UsageError(`--profile: one of ${names.join(', ')} was expected, got '${name}'${didYouMean(name, names)}`);
};
