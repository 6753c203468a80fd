import { DeviceTable } from './device-table.js';
import { createFindings } from './findings.js';
import { createInvariant, type EventOf, type Invariant } from './invariant.js';
import { isTerminalStatus } from './job-status.js';

/**
 * A job has effect at most once; one that is stale, retained or repeated has none. The effect of a job is that its image is put
 * on trial and confirmed. A job is spent when the device has confirmed its image, or when the service holds that it ended:
 * from then on no trial is asked for it, and none for the image that the device runs and has confirmed, whatever job brings it.
 * Nor is the image of a job confirmed that the service had withdrawn (cancelled, removed, timed out, rejected).
 *
 * What the service decides, the device learns a moment later, and not at all while it is dark: what it does within a minute of
 * the decision is not held against it, and what became durable in the instant that power went counts as done then.
 * A job that failed and that the service still holds open may be tried again: whether that ends is left to `converges`.
 * A job that is stale when the device takes it up puts nothing on trial: a service that offers the same for months holds its
 * devices back (TUF's freeze attack).
 * Checks are jobs that a device received again, that brought what it ran already, that were stale, or that the service withdrew.
 */
export const createOnce = (): Invariant => {
	const findings = createFindings('once');
	const devices = new DeviceTable<JobState>();
	return createInvariant(findings, {
		handlers: {
			'device-provisioned': ({ device, digest }) => devices.provision(device, { confirmed: digest, current: undefined, jobs: new Map(), darkSince: undefined }),
			'device-power': (event) => {
				const state = devices.of(event);
				if (event.power === 'off') state.darkSince = event.at;
			},
			'device-boot': (event) => {
				devices.of(event).darkSince = undefined;
			},
			'device-job': (event) => {
				const state = devices.of(event);
				if (state.jobs.get(event.job)?.received === true || event.digest === state.confirmed) findings.check();
				state.current = event.job;
				const job = jobOf(state, event.job);
				job.received = true;
				job.taken = event.at;
				if (isStale(job)) findings.check();
			},
			'device-trial-requested': (event) => {
				const state = devices.of(event);
				const job = state.current === undefined ? undefined : state.jobs.get(state.current);
				if (event.digest === state.confirmed) findings.violate(event, `job ${state.current} puts on trial what the device runs and has confirmed`);
				else if (job?.confirmedAt !== undefined) findings.violate(event, `job ${state.current} was confirmed at ${job.confirmedAt} ms and is installed again`);
				else if (job !== undefined && isStale(job))
					findings.violate(event, `job ${state.current} is installed although it was stale from ${job.expiresAt} ms on and taken at ${job.taken} ms`);
				else if (job?.ended !== undefined && event.at > job.ended.at + GRACE_MS)
					findings.violate(event, `job ${state.current} is installed although the service had held it for ${job.ended.status} since ${job.ended.at} ms`);
			},
			'device-confirmed': (event) => {
				const state = devices.of(event);
				const job = state.current === undefined ? undefined : state.jobs.get(state.current);
				// An image that is confirmed once more, after its record was lost, is no effect of a job.
				if (job !== undefined && event.digest !== state.confirmed) {
					const at = state.darkSince ?? event.at;
					if (job.ended !== undefined && WITHDRAWN.has(job.ended.status) && at > job.ended.at + GRACE_MS)
						findings.violate(event, `job ${state.current} is confirmed although the service had held it for ${job.ended.status} since ${job.ended.at} ms`);
					job.confirmedAt = event.at;
				}
				state.confirmed = event.digest;
			},
			'device-flashed': (event) => {
				if (event.runs) devices.of(event).confirmed = event.digest;
			},
			'service-job': (event) => {
				const job = jobOf(devices.of(event), event.job);
				if (event.expiresAt !== undefined) job.expiresAt = event.expiresAt;
				if (!isTerminalStatus(event.status)) {
					// A service that forgot the end of a job holds it open again.
					job.ended = undefined;
					return;
				}
				if (WITHDRAWN.has(event.status)) findings.check();
				job.ended ??= { at: event.at, status: event.status };
			},
		},
	});
};

const jobOf = ({ jobs }: JobState, job: string): Job => {
	let known = jobs.get(job);
	if (known === undefined) {
		known = { received: false, taken: undefined, expiresAt: undefined, confirmedAt: undefined, ended: undefined };
		jobs.set(job, known);
	}
	return known;
};

/** Taken up when it had been stale for longer than a device's clock may be off. */
const isStale = ({ taken, expiresAt }: Job): boolean => taken !== undefined && expiresAt !== undefined && taken > expiresAt + GRACE_MS;

/** Ends of a job that are the service's doing. */
const WITHDRAWN: ReadonlySet<string> = new Set(['CANCELED', 'REMOVED', 'TIMED_OUT', 'REJECTED']);
/** Longer than a device waits for an answer. */
const GRACE_MS = 60_000;

interface JobState {
	confirmed: string;
	/** The job that the device received last. */
	current: string | undefined;
	readonly jobs: Map<string, Job>;
	/** When power went, until the next boot. */
	darkSince: number | undefined;
}

interface Job {
	received: boolean;
	/** When the device took it up last. */
	taken: number | undefined;
	/** From when on it is not to be taken up. */
	expiresAt: number | undefined;
	confirmedAt: number | undefined;
	ended: Pick<EventOf<'service-job'>, 'at' | 'status'> | undefined;
}
