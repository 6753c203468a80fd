import type { EventOf } from './invariant.js';
import type { ReleaseBook } from './release-book.js';

/**
 * What each device ran, confirmed, when it was sent a release by a rollout or a campaign, held against what it is sent when that
 * is taken back.
 */
export class WayBack {
	/** By rollout or campaign, then by device: the SHA-256 of the image. */
	readonly #origins = new Map<string, Map<string, string>>();
	readonly #rollouts = new Set<string>();
	readonly #releases: ReleaseBook;

	constructor(releases: ReleaseBook) {
		this.#releases = releases;
	}

	plan({ rollout }: EventOf<'rollout-planned'>): void {
		this.#rollouts.add(rollout);
		this.#origins.delete(rollout);
	}

	/** What speaks against a job that was opened for a device; undefined where it is no job of a rollback, or a right one. */
	open({ job, device, digest }: EventOf<'service-job'>, confirmed: string): string | undefined {
		const [, rollout, errand] = ROLLOUT_JOB.exec(job) ?? [];
		// Campaigns decide of each device by itself.
		if (rollout === undefined || digest === undefined || !this.#rollouts.has(rollout)) return undefined;
		// A service that was restored opens jobs again.
		const isWave = errand !== 'rollback';
		if (isWave && this.#origins.get(rollout)?.has(device) !== true) this.#leave({ name: rollout, device, confirmed });
		return isWave ? undefined : this.#objection({ name: rollout, device, digest });
	}

	/** The same of a campaign's decision. */
	decide({ campaign, what, device, digest }: EventOf<'campaign-decision'>, confirmed: string): string | undefined {
		if (device === undefined || digest === undefined) return undefined;
		if (what === 'device-started') this.#leave({ name: campaign, device, confirmed });
		return what === 'device-sent-back' ? this.#objection({ name: campaign, device, digest }) : undefined;
	}

	#leave({ name, device, confirmed }: { readonly name: string; readonly device: string; readonly confirmed: string }): void {
		const known = this.#origins.get(name);
		if (known === undefined) this.#origins.set(name, new Map([[device, confirmed]]));
		else known.set(device, confirmed);
	}

	#objection({ name, device, digest }: { readonly name: string; readonly device: string; readonly digest: string }): string | undefined {
		const origin = this.#origins.get(name)?.get(device);
		return origin === undefined || origin === digest
			? undefined
			: `${name} sends it back to ${this.#releases.describe(digest)}, and it ran ${this.#releases.describe(origin)} before`;
	}
}

const ROLLOUT_JOB = /^(.+)-(wave-\d+|rollback)(?:-|$)/;
