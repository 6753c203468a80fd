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
				devices.provision(device, { hardware, running: undefined, confirmed: digest, jobs: new Map(), inInventory: false, trueSuccess: undefined }),
			'device-boot': (event) => {
				devices.of(event).running = event.digest;
			},
			'device-confirmed': (event) => {
				devices.of(event).confirmed = event.digest;
			},
			'device-flashed': (event) => {
				if (event.runs) devices.of(event).confirmed = event.digest;
			},
			'device-job': (event) => {
				const { jobs } = devices.of(event);
				if (jobs.get(event.job)?.digest !== event.digest) jobs.set(event.job, { digest: event.digest, status: null });
			},
			'service-inventory': (event) => {
				devices.of(event).inInventory = true;
			},
			'service-job': (event) => {
				if (!isTerminalStatus(event.status)) return;
				findings.check();
				const state = devices.of(event);
				if (event.status === 'SUCCEEDED') judgeSuccess(judge, { event, state });
				const job = state.jobs.get(event.job);
				if (job !== undefined) job.status = event.status;
			},
			'device-audit': (event) => {
				const state = devices.of(event);
				judgePresence(findings, event);
				if (state.jobs.size > 0) findings.check();
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
		state.trueSuccess = digest;
	}
};

const judgeAudit = ({ findings, releases }: TruthfulJudge, { event, state, running }: Audit): void => {
	const { believedVersion, believedStatus, jobDigest } = event;
	const version = releases.find({ hardware: state.hardware, digest: running })?.version;
	if (version !== undefined && believedVersion !== version && (believedVersion !== null || state.inInventory))
		findings.violate(event, `the service believes the device runs ${believedVersion ?? 'nothing'}, and it runs ${version}`);
	if (jobDigest === null) return;
	if (believedStatus === 'SUCCEEDED') {
		if (jobDigest !== running && jobDigest !== state.trueSuccess)
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

const isUnknowing = (status: string | null): boolean => status === null || status === 'FAILED' || status === 'TIMED_OUT';

/** Whether the belief is about a job that the device received: a newer one for the same image may still be under way to it. */
const hasJob = ({ jobs }: BeliefState, { digest, status }: ReceivedJob): boolean =>
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

interface ReceivedJob {
	readonly digest: string;
	/** Terminal status that the service holds, null before. */
	status: string | null;
}

interface BeliefState {
	readonly hardware: string;
	/** Digest of the last boot. */
	running: string | undefined;
	confirmed: string;
	/** The jobs that the device received. */
	readonly jobs: Map<string, ReceivedJob>;
	/** Whether the device ever reported itself to the service. */
	inInventory: boolean;
	/** Digest whose success was true when the service learnt of it. */
	trueSuccess: string | undefined;
}
