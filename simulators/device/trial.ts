import type { JobsReply } from '../../harness/protocols/index.js';
import type { Agent } from './agent.js';
import { isJobOver } from './outcome-report.js';

/** A trial image that has not reached the service by then fails its own self-test. */
const ONLINE_WITHIN_MS = 600_000;

/**
 * The first minutes of a new image: it tests itself, is watched for a while, proves a round trip to the update
 * service, and only then confirms itself. Whatever fails resets the device, and the bootloader takes it back.
 */
export class Trial {
	readonly #agent: Agent;
	/** Undefined: no job asked for this trial. */
	readonly #jobId: string | undefined;
	readonly #startedMs: number;
	#tested = false;
	#testing = false;
	#passed = false;

	constructor(agent: Agent, jobId: string | undefined) {
		this.#agent = agent;
		this.#jobId = jobId;
		this.#startedMs = agent.device.clock.nowMs;
	}

	start(): void {
		const { device } = this.#agent;
		device.after(ONLINE_WITHIN_MS, () => {
			if (!this.#testing) device.reset('self-test-failed');
		});
	}

	online(): void {
		const { device } = this.#agent;
		this.#testing = true;
		if (this.#tested) return this.#proveRoundTrip();
		device.after(device.profile.timings.selfTestMs, () => this.#selfTest());
	}

	#selfTest(): void {
		const { device, image } = this.#agent;
		if (this.#tested) return;
		if (device.weak) device.record({ kind: 'fault-fired', at: device.clock.nowMs, fault: 'weak-hardware', device: device.id });
		if (image.behaviour === 'fails-self-test' || device.weak) return device.reset('self-test-failed');
		this.#tested = true;
		const watchedMs = device.clock.nowMs - this.#startedMs;
		device.after(Math.max(1, device.profile.timings.trialSoakMs - watchedMs), () => this.#proveRoundTrip());
	}

	/** The job must still want this image: a cancelled or timed-out one is not confirmed. */
	#proveRoundTrip(): void {
		const agent = this.#agent;
		if (this.#passed || !agent.connected || agent.device.clock.nowMs - this.#startedMs < agent.device.profile.timings.trialSoakMs) return;
		agent.jobs.describe(
			this.#jobId ?? '$next',
			agent.awaitAnswer((reply: JobsReply) => {
				// A service that went back to an earlier state may hold the job for queued again: it stands all the same.
				if (reply.accepted && (this.#jobId === undefined || reply.execution !== undefined)) this.#confirm();
				else if (reply.accepted || isJobOver(reply.code)) agent.device.reset('self-test-failed');
				else agent.device.after(RETRY_AFTER_MS + agent.device.random.integer(RETRY_SPREAD_MS), () => this.#proveRoundTrip());
			}),
		);
	}

	#confirm(): void {
		const agent = this.#agent;
		const { device, image } = agent;
		if (image.behaviour === 'forgets-to-confirm') return;
		this.#passed = true;
		device.truth.confirming(image, () => device.bootloader.confirm());
		device.settings.dropOlder();
		if (this.#jobId !== undefined) agent.finishJob({ job: this.#jobId, status: 'SUCCEEDED' });
		agent.trialPassed();
	}
}

/** Whoever is refused comes back at a moment of its own. */
const RETRY_AFTER_MS = 10_000;
const RETRY_SPREAD_MS = 10_000;
