import { createHash } from 'node:crypto';
import type { BlackstartEvent, DeviceOutcome, InvariantName } from '../events/index.js';
import type { EventOf, InvariantResult } from './invariant.js';
import { createJudge } from './judge.js';

/** What a told event has besides its kind, time and device. */
type Facts<Kind extends 'device-boot' | 'device-downloaded' | 'device-audit' | 'device-confirmed' | 'device-trial-requested'> = Partial<
	Omit<EventOf<Kind>, 'kind' | 'at' | 'device'>
>;

type ImageFacts = Partial<Omit<EventOf<'release-published'>, 'kind' | 'at' | 'release'>>;

/**
 * Tells the events of a fleet in the words of its life, for tests of the judge. It keeps each device as a right one would be,
 * so that a test says only what is wrong: any fact of an event may be given.
 */
export class EventStory {
	readonly events: BlackstartEvent[] = [];
	readonly #devices = new Map<string, ToldDevice>();
	readonly #images = new Map<string, EventOf<'release-published'>>();
	#at = 0;

	/** One image for each hardware named; the first release is what devices leave the factory with. */
	release(name: string, facts: ImageFacts & { readonly on?: readonly string[] } = {}): this {
		const { on = ['hw-a'], ...others } = facts;
		for (const hardware of on) {
			const image: EventOf<'release-published'> = {
				kind: 'release-published',
				at: this.#tick(),
				release: name,
				version: name.replace(/^v/, ''),
				hardware,
				digest: digestOf(`${name} for ${hardware}`),
				sizeBytes: 65_536,
				securityCounter: 1,
				authentic: true,
				origin: 'harness',
				behaviour: 'healthy',
				bad: false,
				...others,
			};
			this.#images.set(`${name}/${hardware}`, image);
			this.events.push(image);
		}
		return this;
	}

	/** Leaves the factory and boots. */
	device(device: string, { release = 'v1', hardware = 'hw-a' }: { readonly release?: string; readonly hardware?: string } = {}): this {
		const image = this.#image(release, hardware);
		const settings = digestOf(`settings of ${device}`);
		const { digest, version, securityCounter } = image;
		this.#devices.set(device, {
			hardware,
			confirmed: image,
			running: image,
			trial: undefined,
			counter: securityCounter,
			settings,
			migrated: undefined,
			job: undefined,
			status: null,
			inventory: null,
			boots: 0,
			outcome: 'unchanged',
		});
		this.events.push({ kind: 'device-provisioned', at: this.#tick(), device, hardware, digest, version, securityCounter, settings });
		return this.boot(device, { cause: 'power-on' }).reports(device);
	}

	/** Boots what a right bootloader would: the image on trial where there is one, else the confirmed one. */
	boot(device: string, facts: Facts<'device-boot'> = {}): this {
		const told = this.#told(device);
		const running = told.trial ?? told.confirmed;
		told.running = running;
		told.boots++;
		this.events.push({
			kind: 'device-boot',
			at: this.#tick(),
			device,
			cause: 'update',
			slot: 'a',
			version: running.version,
			digest: running.digest,
			trial: told.trial !== undefined,
			reverted: false,
			securityCounter: told.counter,
			settings: told.migrated ?? told.settings,
			...facts,
		});
		return this;
	}

	/** Gives the image on trial up and boots the confirmed one. */
	revert(device: string, facts: Facts<'device-boot'> = {}): this {
		const told = this.#told(device);
		told.trial = undefined;
		told.migrated = undefined;
		told.outcome = 'reverted';
		return this.boot(device, { cause: 'watchdog', reverted: true, ...facts });
	}

	noBoot(device: string): this {
		this.#told(device).boots++;
		this.events.push({ kind: 'device-no-boot', at: this.#tick(), device, cause: 'power-loss', reason: 'slot a: hash differs; slot b: empty' });
		return this;
	}

	/** Power goes, with evidence, and comes back. */
	cut(device: string): this {
		const at = this.#tick();
		this.events.push({ kind: 'fault-armed', at, fault: 'power-cut', device }, { kind: 'fault-fired', at, fault: 'power-cut', device });
		this.events.push({ kind: 'device-power', at, device, power: 'off', cause: 'power-loss' });
		this.events.push({ kind: 'device-power', at: this.#tick(), device, power: 'on', cause: 'power-loss' });
		return this;
	}

	/** The device takes a job for a release. */
	job(device: string, release: string, { job = `job-${release}`, ...facts }: Partial<Omit<EventOf<'device-job'>, 'kind' | 'at' | 'device'>> = {}): this {
		const told = this.#told(device);
		const image = this.#images.get(`${release}/${told.hardware}`);
		told.job = { job, image };
		told.status = null;
		this.events.push({ kind: 'device-job', at: this.#tick(), device, job, digest: image?.digest ?? digestOf(release), ...facts });
		return this;
	}

	download(device: string, facts: Facts<'device-downloaded'> = {}): this {
		const { job } = this.#job(device);
		this.events.push({ kind: 'device-downloaded', at: this.#tick(), device, job, blocks: 16, received: 16, resumes: 0, window: 4, ...facts });
		return this;
	}

	requestTrial(device: string, facts: Facts<'device-trial-requested'> = {}): this {
		const told = this.#told(device);
		const image = this.#job(device).image;
		if (image === undefined) throw new RangeError(`requestTrial: a job for a published release was expected on ${device}`);
		told.trial = image;
		this.events.push({ kind: 'device-trial-requested', at: this.#tick(), device, digest: image.digest, ...facts });
		return this;
	}

	migrate(device: string): this {
		const told = this.#told(device);
		told.migrated = digestOf(`${told.settings} migrated by ${told.running.release}`);
		this.events.push({ kind: 'device-settings-changed', at: this.#tick(), device, settings: told.migrated });
		return this;
	}

	confirm(device: string, facts: Facts<'device-confirmed'> = {}): this {
		const told = this.#told(device);
		const image = told.trial ?? told.confirmed;
		told.confirmed = image;
		told.trial = undefined;
		told.counter = Math.max(told.counter, image.securityCounter);
		told.settings = told.migrated ?? told.settings;
		told.migrated = undefined;
		told.outcome = 'updated';
		this.events.push({ kind: 'device-confirmed', at: this.#tick(), device, digest: image.digest, securityCounter: image.securityCounter, ...facts });
		return this;
	}

	refuse(device: string, reason = 'signature: not of a trusted key'): this {
		this.#told(device).outcome = 'refused';
		this.events.push({ kind: 'device-refused', at: this.#tick(), device, job: this.#job(device).job, reason });
		return this.ends(device, 'FAILED');
	}

	/** The service accepts a status for the device's job. */
	ends(device: string, status: string, { job = this.#job(device).job }: { readonly job?: string } = {}): this {
		this.#told(device).status = status;
		this.events.push({ kind: 'device-reported', at: this.#tick(), device, job, status });
		this.events.push({ kind: 'service-job', at: this.#tick(), device, job, status, version: 2 });
		return this;
	}

	/** The device tells the service what it runs. */
	reports(device: string): this {
		const told = this.#told(device);
		told.inventory = told.running.version;
		this.events.push({ kind: 'service-inventory', at: this.#tick(), device, version: told.running.version });
		return this;
	}

	/** A whole update up to the trial's first boot. */
	install(device: string, release: string): this {
		return this.job(device, release).download(device).requestTrial(device).boot(device);
	}

	/** A whole update of which nothing is to be said. */
	update(device: string, release: string): this {
		return this.install(device, release).confirm(device).ends(device, 'SUCCEEDED').reports(device);
	}

	/** An update whose image does not stand its trial. */
	fail(device: string, release: string): this {
		return this.install(device, release).revert(device).ends(device, 'FAILED').reports(device);
	}

	/** Any other event. */
	tell(event: DistributiveOmit<Exclude<BlackstartEvent, { readonly kind: `run-${string}` }>, 'at'>): this {
		this.events.push({ ...event, at: this.#tick() } as BlackstartEvent);
		return this;
	}

	plan(rollout: string, release: string, { waves, maxFailureRatio = 0.2 }: { readonly waves: readonly number[]; readonly maxFailureRatio?: number }): this {
		const devices = waves.reduce((sum, size) => sum + size, 0);
		return this.tell({ kind: 'rollout-planned', rollout, release, devices, waves, maxFailureRatio });
	}

	gate(rollout: string, wave: number, facts: Partial<Omit<EventOf<'rollout-gate'>, 'kind' | 'at'>> = {}): this {
		return this.tell({ kind: 'rollout-gate', rollout, wave, decision: 'go', succeeded: 0, failed: 0, silent: 0, ...facts });
	}

	/** The world closes; facts of a device's audit, and its outcome, may be given. */
	close(given: Readonly<Record<string, Facts<'device-audit'> & { readonly outcome?: DeviceOutcome }>> = {}): this {
		const at = this.#tick();
		for (const [device, told] of this.#devices) {
			const { outcome: _, ...facts } = given[device] ?? {};
			this.events.push({
				kind: 'device-audit',
				at,
				device,
				running: told.running.digest,
				confirmed: told.trial === undefined,
				securityCounter: told.counter,
				settings: told.migrated ?? told.settings,
				believedVersion: told.inventory,
				believedStatus: told.status,
				jobDigest: told.job?.image?.digest ?? null,
				boots: told.boots,
				bytesReceived: told.job === undefined ? 2_000 : 100_000,
				flashOperations: 500,
				leftovers: [],
				...facts,
			});
		}
		for (const [device, told] of this.#devices) {
			this.events.push({ kind: 'device-final', device, version: told.running.version, outcome: given[device]?.outcome ?? told.outcome });
		}
		return this;
	}

	judge(): Judged {
		const judge = createJudge();
		for (const event of this.events) judge.observe(event);
		const results = judge.finish();
		return {
			broken: results.filter(({ violations }) => violations.length > 0).map(({ invariant }) => invariant),
			of: (name) => results.find(({ invariant }) => invariant === name) as InvariantResult,
		};
	}

	/** Digest of a release's image. */
	digest(release: string, hardware = 'hw-a'): string {
		return this.#image(release, hardware).digest;
	}

	/** Of the event that was told last. */
	get nowMs(): number {
		return this.#at;
	}

	#tick(): number {
		this.#at += 1_000;
		return this.#at;
	}

	#image(release: string, hardware: string): EventOf<'release-published'> {
		const image = this.#images.get(`${release}/${hardware}`);
		if (image === undefined) throw new RangeError(`release: a published one was expected, got ${release} for ${hardware}`);
		return image;
	}

	#told(device: string): ToldDevice {
		const told = this.#devices.get(device);
		if (told === undefined) throw new RangeError(`device: one that was told of was expected, got ${device}`);
		return told;
	}

	#job(device: string): ToldJob {
		const { job } = this.#told(device);
		if (job === undefined) throw new RangeError(`device: one with a job was expected, got ${device}`);
		return job;
	}
}

export interface Judged {
	readonly broken: readonly InvariantName[];
	of(name: InvariantName): InvariantResult;
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

interface ToldJob {
	readonly job: string;
	readonly image: EventOf<'release-published'> | undefined;
}

interface ToldDevice {
	readonly hardware: string;
	confirmed: EventOf<'release-published'>;
	running: EventOf<'release-published'>;
	trial: EventOf<'release-published'> | undefined;
	counter: number;
	settings: string;
	migrated: string | undefined;
	job: ToldJob | undefined;
	status: string | null;
	inventory: string | null;
	boots: number;
	outcome: DeviceOutcome;
}
