import type { BlackstartEvent } from '../events/index.js';
import type { RolloutPlan, RolloutResult } from './rollout-plan.js';
import type { Release } from '../firmware/index.js';
import type { Clock, Random } from '../time/index.js';
import type { CampaignService, InventoryEntry } from './campaign-service.js';
import { type LeftOut, selectCompatible } from './compatible-devices.js';
import { drawWaves } from './draw-waves.js';
import { decideGate, type WaveTally } from './gate.js';
import { planWaves } from './plan-waves.js';
import { takeBack } from './take-back.js';
import type { Assignment } from './unfinished.js';
import { watchWave } from './watch-wave.js';

export interface RolloutOptions {
	/** Jobs are named after it: letters, digits, `-` and `_`, at most 48. */
	readonly rollout: string;
	readonly release: Release;
	/** What a device ran before that job, or runs now where it was not sent yet; undefined where nobody knows. */
	previousOf?(job: string, device: string): Release | undefined;
	readonly devices: readonly string[];
	readonly plan: RolloutPlan;
	readonly service: CampaignService;
	readonly clock: Clock;
	readonly random: Random;
	record(event: BlackstartEvent): void;
}

/** `succeeded` took the release, taken back or not; `untouched` includes the devices left out and those whose job was cancelled before it began. */
export interface CampaignResult extends RolloutResult {
	/** Devices that the release must not go to, and why. */
	readonly leftOut: readonly LeftOut[];
}

/**
 * Sends a release out in waves, each behind a gate; wave 0 is the pilot. Every decision is recorded as an event before it is
 * carried out. A halt cancels what has not begun; with `plan.rollback`, each device that had succeeded goes back to what it
 * ran before. The outcome is `rolled-back` where something was sent back.
 *
 * Rejects with a RangeError for a wrong plan, a rollback without `previousOf`, or a release that fits no device.
 */
export const runRollout = async (options: RolloutOptions): Promise<CampaignResult> => new Rollout(options).run();

/** Devices named in one line of the timeline. */
const MOST_NAMED = 20;

class Rollout {
	readonly #options: RolloutOptions;
	readonly #compatible: readonly InventoryEntry[];
	readonly #leftOut: readonly LeftOut[];
	readonly #sizes: readonly number[];
	readonly #sent: Assignment[] = [];

	constructor(options: RolloutOptions) {
		const { rollout, release, previousOf, devices, plan, service } = options;
		if (!/^[\w-]{1,48}$/.test(rollout)) throw new RangeError(`rollout: 1 to 48 letters, digits, - and _ were expected, got ${JSON.stringify(rollout)}`);
		if (plan.rollback === true && previousOf === undefined)
			throw new RangeError('previousOf: what devices go back to was expected with plan.rollback, got none');
		const { compatible, leftOut } = selectCompatible(release, { devices, inventory: service.inventory() });
		this.#options = options;
		this.#compatible = compatible;
		this.#leftOut = leftOut;
		this.#sizes = planWaves(plan, compatible.length);
		if (compatible.length === 0)
			throw new RangeError(
				`release ${release.name}: images for at least one of the ${devices.length} devices were expected, got none (${nameLeftOut(leftOut)})`,
			);
	}

	async run(): Promise<CampaignResult> {
		const { rollout, release, plan, random, clock } = this.#options;
		if (this.#leftOut.length > 0) this.#step(`rollout ${rollout} leaves out ${this.#leftOut.length} devices: ${nameLeftOut(this.#leftOut)}`);
		this.#options.record({
			kind: 'rollout-planned',
			at: clock.nowMs,
			rollout,
			release: release.name,
			devices: this.#compatible.length,
			waves: this.#sizes,
			maxFailureRatio: plan.maxFailureRatio,
		});
		const waves = drawWaves(this.#compatible, { sizes: this.#sizes, random: random.stream('waves') });
		for (const [wave, devices] of waves.entries()) {
			const tally = await this.#runWave(wave, devices);
			const decision = decideGate(tally, plan.maxFailureRatio);
			this.#options.record({ kind: 'rollout-gate', at: clock.nowMs, rollout, wave, decision, ...tally });
			if (decision === 'halt') return this.#halt(wave, tally);
		}
		return this.#end('completed');
	}

	async #runWave(wave: number, devices: readonly string[]): Promise<WaveTally> {
		const { rollout, release, plan, service, clock } = this.#options;
		const assignment: Assignment = { job: `${rollout}-wave-${wave}`, devices };
		this.#options.record({ kind: 'rollout-wave', at: clock.nowMs, rollout, wave, devices: devices.length });
		this.#sent.push(assignment);
		await service.deploy({ job: assignment.job, release, devices });
		return watchWave(assignment, { service, clock, plan, label: `rollout ${rollout}: wave ${wave} of ${devices.length} devices` });
	}

	async #halt(wave: number, { succeeded, failed, silent }: WaveTally): Promise<CampaignResult> {
		const { rollout, plan, service, clock } = this.#options;
		const reason = `wave ${wave}: ${failed} failed and ${silent} silent of ${succeeded + failed + silent}, at most a share of ${plan.maxFailureRatio} was allowed`;
		this.#options.record({ kind: 'rollout-halted', at: clock.nowMs, rollout, reason });
		for (const { job, devices } of this.#sent) if (devices.some((device) => service.statusOf(job, device) === 'pending')) await service.cancel(job);
		const isTakenBack = plan.rollback === true && (await this.#takeBack());
		return this.#end(isTakenBack ? 'rolled-back' : 'halted', wave);
	}

	/** Whether anything was sent back. */
	async #takeBack(): Promise<boolean> {
		const { rollout, plan, previousOf, service, clock } = this.#options;
		const hardware = new Map(this.#compatible.map((entry) => [entry.device, entry.hardware]));
		const { sent, notReturned, kept } = await takeBack({
			rollout,
			waves: this.#sent,
			previousOf: (job, device) => previousOf?.(job, device),
			hardwareOf: (device) => hardware.get(device) ?? '',
			service,
			clock,
			withinMs: plan.waveTimeoutMs,
			onSent: ({ release, devices }) =>
				this.#options.record({ kind: 'rollout-rolled-back', at: clock.nowMs, rollout, release: release.name, devices: devices.length }),
		});
		for (const { to, devices } of notReturned) this.#step(`rollout ${rollout}: ${devices.length} devices did not go back to ${to}: ${nameSome(devices)}`);
		for (const { why, devices } of kept) this.#step(`rollout ${rollout}: ${why} for ${devices.length} devices that took the release: ${nameSome(devices)}`);
		return sent > 0;
	}

	#end(outcome: CampaignResult['outcome'], haltedAtWave?: number): CampaignResult {
		const { rollout, devices, service, clock } = this.#options;
		let succeeded = 0;
		let failed = 0;
		for (const wave of this.#sent) {
			for (const device of wave.devices) {
				const status = service.statusOf(wave.job, device);
				if (status === 'succeeded') succeeded++;
				else if (status !== 'cancelled') failed++;
			}
		}
		const counts = { succeeded, failed, untouched: devices.length - succeeded - failed };
		this.#options.record({ kind: 'rollout-ended', at: clock.nowMs, rollout, outcome, ...counts });
		return { outcome, ...counts, ...(haltedAtWave === undefined ? {} : { haltedAtWave }), leftOut: this.#leftOut };
	}

	#step(text: string): void {
		this.#options.record({ kind: 'scenario-step', at: this.#options.clock.nowMs, text });
	}
}

const nameLeftOut = (leftOut: readonly LeftOut[]): string => nameSome(leftOut.map(({ device, reason }) => `${device} (${reason})`));

const nameSome = (names: readonly string[]): string =>
	names.length <= MOST_NAMED ? names.join(', ') : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`;
