import { DeviceTable } from './device-table.js';
import { createFindings, type Findings } from './findings.js';
import { createInvariant, type EventOf, type Invariant } from './invariant.js';
import { isTerminalStatus } from './job-status.js';
import { ReleaseBook } from './release-book.js';

/**
 * What the service believes equals what the device runs: never success for an image that the device does not run and has
 * not confirmed, and when the world closes neither a wrong version nor a finished update it does not know of, nor, of a device
 * that tells its presence, a wrong one.
 *
 * A service that was restored from a backup believes what was so then. The world must win: within twenty minutes of its return, or of
 * the device's next boot where that is later, it knows again what the device runs, and holds no job open whose image the device has
 * confirmed. A success that was true then stays true as history, where the service has forgotten the jobs that came after it.
 *
 * Not judged here: a device that runs nothing (`bootable`), bytes of no release (`whole`) or an unconfirmed image (`trial`),
 * a success that was true until the bootloader took the confirmed image back (`trial`), a job that the operator cancelled or the device refused.
 * Checks are jobs that ended, and audits of devices that had one.
 */
export const createTruthful = (): Invariant => {
	const findings = createFindings('truthful');
	const releases = new ReleaseBook();
	const devices = new DeviceTable<BeliefState>();
	const judge: TruthfulJudge = { findings, releases };
	return createInvariant(findings, {
		handlers: {
			'release-published': (event) => releases.publish(event),
			'device-provisioned': ({ device, hardware, digest }) =>
				devices.provision(device, {
					hardware,
					running: undefined,
					bootedAt: undefined,
					confirmed: digest,
					jobs: new Map(),
					believedVersion: undefined,
					trueSuccesses: [],
					healing: undefined,
				}),
			'device-boot': (event) => {
				const state = devices.of(event);
				state.running = event.digest;
				state.bootedAt = event.at;
			},
			'service-restored': () => {
				for (const [, state] of devices.entries()) state.healing = { since: undefined, isOver: false };
			},
			'broker-started': ({ at }) => {
				for (const [, state] of devices.entries()) {
					if (state.healing === undefined || state.healing.since !== undefined) continue;
					state.healing.since = at;
					state.healing.isOver = knowsTruth(releases, state);
				}
			},
			'device-confirmed': (event) => {
				devices.of(event).confirmed = event.digest;
			},
			'device-flashed': (event) => {
				if (event.runs) devices.of(event).confirmed = event.digest;
			},
			'device-job': (event) => {
				const { jobs } = devices.of(event);
				if (jobs.get(event.job)?.digest !== event.digest) jobs.set(event.job, { digest: event.digest, status: null, isReopened: false });
			},
			'service-inventory': (event) => {
				const state = devices.of(event);
				state.believedVersion = event.version;
				judgeHealing(judge, { event, state });
			},
			'service-job': (event) => {
				const state = devices.of(event);
				const job = state.jobs.get(event.job);
				if (job !== undefined) {
					job.isReopened = !isTerminalStatus(event.status) && (job.isReopened || job.status === 'SUCCEEDED');
					job.status = isTerminalStatus(event.status) ? event.status : null;
				}
				if (!isTerminalStatus(event.status)) return;
				findings.check();
				if (event.status === 'SUCCEEDED') judgeSuccess(judge, { event, state });
				judgeHealing(judge, { event, state });
			},
			'device-audit': (event) => {
				const state = devices.of(event);
				judgePresence(findings, event);
				if (state.jobs.size > 0) findings.check();
				judgeHealing(judge, { event, state });
				if (event.running !== null && event.confirmed && releases.isReleased(event.running)) judgeAudit(judge, { event, state, running: event.running });
			},
		},
	});
};

const judgeSuccess = ({ findings, releases }: TruthfulJudge, { event, state }: { event: EventOf<'service-job'>; state: BeliefState }): void => {
	const digest = state.jobs.get(event.job)?.digest;
	const { running } = state;
	if (digest === undefined) {
		findings.violate(event, `the service holds job ${event.job} for SUCCEEDED, which the device never received`);
	} else if (running === undefined) {
		findings.violate(event, `the service holds job ${event.job} for SUCCEEDED, and the device has not booted yet`);
	} else if (running !== digest) {
		if (releases.isReleased(running))
			findings.violate(
				event,
				`the service holds job ${event.job} (${releases.describe(digest)}) for SUCCEEDED, and the device runs ${releases.describe(running)}`,
			);
	} else if (state.confirmed !== digest) {
		findings.violate(event, `the service holds job ${event.job} for SUCCEEDED before the device confirmed ${releases.describe(digest)}`);
	} else {
		state.trueSuccesses = [...state.trueSuccesses.filter((known) => known !== digest), digest];
	}
};

const judgeAudit = ({ findings, releases }: TruthfulJudge, { event, state, running }: Audit): void => {
	const { believedVersion, believedStatus, jobDigest } = event;
	const version = releases.find({ hardware: state.hardware, digest: running })?.version;
	if (version !== undefined && believedVersion !== version && (believedVersion !== null || state.believedVersion !== undefined))
		findings.violate(event, `the service believes the device runs ${believedVersion ?? 'nothing'}, and it runs ${version}`);
	if (jobDigest === null) return;
	if (believedStatus === 'SUCCEEDED') {
		if (jobDigest !== running && !isPastSuccess(state, jobDigest))
			findings.violate(
				event,
				`the service believes the update to ${releases.describe(jobDigest)} succeeded, and the device runs ${releases.describe(running)}`,
			);
	} else if (jobDigest === running && isUnknowing(believedStatus) && hasJob(state, { digest: jobDigest, status: believedStatus })) {
		findings.violate(
			event,
			`the device runs and has confirmed ${releases.describe(running)}, and the service holds its job for ${believedStatus ?? 'unfinished'}`,
		);
	}
};

/** A device that tells its presence is believed online while the broker holds its connection, and offline once it has been gone for long. */
const judgePresence = (findings: Findings, event: EventOf<'device-audit'>): void => {
	const { presence } = event;
	if (presence === undefined || presence.believed === null) return;
	const { believed, connected, forMs } = presence;
	if (forMs < (connected ? ONLINE_WITHIN_MS : OFFLINE_WITHIN_MS)) return;
	findings.check();
	if (connected !== (believed === 'online'))
		findings.violate(
			event,
			`the service believes the device ${believed}, and it has been ${connected ? 'connected' : 'gone'} for ${Math.floor(forMs / 1_000)} s`,
		);
};

/** What a device that has just connected says is under way. */
const ONLINE_WITHIN_MS = 60_000;
/** Room for a will that comes late. */
const OFFLINE_WITHIN_MS = 600_000;

/** After a restore the newest job that is left may be an older one; otherwise only the last success can be outlived by a revert. */
const isPastSuccess = ({ trueSuccesses, healing }: BeliefState, digest: string): boolean =>
	healing === undefined ? trueSuccesses.at(-1) === digest : trueSuccesses.includes(digest);

/** Whether the service has found back to the truth since it was restored, and in time. */
const judgeHealing = ({ findings, releases }: TruthfulJudge, { event, state }: Healing): void => {
	const { healing } = state;
	if (healing?.since === undefined || healing.isOver) return;
	const dueAt = Math.max(healing.since, state.bootedAt ?? 0) + HEAL_WITHIN_MS;
	healing.isOver = knowsTruth(releases, state);
	if (event.at <= dueAt || (healing.isOver && event.kind === 'device-audit')) return;
	findings.violate(event, `the service was restored and back at ${healing.since} ms, and did not know what the device runs and has done by ${dueAt} ms`);
	healing.isOver = true;
};

const knowsTruth = (releases: ReleaseBook, { hardware, running, believedVersion, jobs }: BeliefState): boolean => {
	const version = running === undefined ? undefined : releases.find({ hardware, digest: running })?.version;
	return (version === undefined || believedVersion === version) && ![...jobs.values()].some(({ isReopened }) => isReopened);
};

const isUnknowing = (status: string | null): boolean => status === null || status === 'FAILED' || status === 'TIMED_OUT';

/** Whether the belief is about a job that the device received: a newer one for the same image may still be under way to it. */
const hasJob = ({ jobs }: BeliefState, { digest, status }: Pick<ReceivedJob, 'digest' | 'status'>): boolean =>
	[...jobs.values()].some((job) => job.digest === digest && job.status === status);

interface TruthfulJudge {
	readonly findings: Findings;
	readonly releases: ReleaseBook;
}

interface Audit {
	readonly event: EventOf<'device-audit'>;
	readonly state: BeliefState;
	readonly running: string;
}

interface Healing {
	readonly event: EventOf<'service-inventory' | 'service-job' | 'device-audit'>;
	readonly state: BeliefState;
}

/** Longer than a keep-alive leaves a device on a dead connection. */
const HEAL_WITHIN_MS = 1_200_000;

interface ReceivedJob {
	readonly digest: string;
	/** Terminal status that the service holds, null before. */
	status: string | null;
	/** Whether the service held it for SUCCEEDED and has gone back on that. */
	isReopened: boolean;
}

interface BeliefState {
	readonly hardware: string;
	/** Digest of the last boot, and when that was. */
	running: string | undefined;
	bootedAt: number | undefined;
	confirmed: string;
	/** The jobs that the device received. */
	readonly jobs: Map<string, ReceivedJob>;
	/** Version in the inventory; undefined before the device ever reported itself. */
	believedVersion: string | undefined;
	/** Digests whose success was true when the service learnt of it, the last one last. */
	trueSuccesses: readonly string[];
	/** After a restore: since when the service is back, and whether it has found back to the truth. */
	healing: { since: number | undefined; isOver: boolean } | undefined;
}
