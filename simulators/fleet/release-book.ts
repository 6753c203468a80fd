import type { BlackstartEvent } from '../../harness/events/index.js';
import { parseImage, readBehaviour, verifyImage, type Release, type ReleaseImage } from '../../harness/firmware/index.js';
import { acceptanceOf, type CachingSlotReader, type Profile } from '../device/index.js';

/** The releases of a world: each image is judged by the harness's own verifier and put on the timeline before any device can meet it. */
export class ReleaseBook {
	readonly #options: ReleaseBookOptions;
	readonly #published = new Set<Release>();
	readonly #versions = new Map<string, string>();

	constructor(options: ReleaseBookOptions) {
		this.#options = options;
	}

	/** Version of the image with that digest, null where no release holds it. */
	versionOf(digest: string): string | null {
		return this.#versions.get(digest) ?? null;
	}

	/** A release of that version with an image for that hardware, the newest of them that devices may run; undefined where none is on record. */
	find({ version, hardware }: { readonly version: string; readonly hardware: string }): Release | undefined {
		return [...this.#published].findLast(
			(release) => release.version === version && release.defect === undefined && release.images.some((image) => image.hardware === hardware),
		);
	}

	/** Why no device of an image's hardware would run it; undefined for one that they would. */
	objectionTo({ hardware, bytes }: ReleaseImage, provisionedCounter: number): string | undefined {
		const profile = this.#options.profiles.find((candidate) => candidate.hardware === hardware);
		if (profile === undefined) return `no device here is ${hardware}`;
		const most = profile.largestCounterStep;
		const counter = counterOf(bytes);
		const isTooFar = most !== null && counter > provisionedCounter + most;
		return (
			this.#rejectionOf(bytes, profile) ?? (isTooFar ? `security counter: ${counter} is more than ${most} above the devices' ${provisionedCounter}` : undefined)
		);
	}

	/** `provisionedCounter` is the security counter that devices have by then. */
	publish(release: Release, provisionedCounter: number): void {
		if (this.#published.has(release)) return;
		this.#published.add(release);
		for (const image of release.images) {
			this.#versions.set(image.digest, release.version);
			this.#options.slots.addReleased({ digest: image.digest, sizeBytes: image.bytes.length });
			this.#record(release, image, provisionedCounter);
		}
	}

	#record(release: Release, image: ReleaseImage, provisionedCounter: number): void {
		const rejection = this.objectionTo(image, provisionedCounter);
		const defect = release.defect ?? (release.origin === 'imgtool' && rejection !== undefined ? release.name : undefined);
		const behaviour = behaviourOf(image.bytes);
		const securityCounter = counterOf(image.bytes);
		this.#options.record({
			kind: 'release-published',
			at: this.#options.nowMs(),
			release: release.name,
			version: release.version,
			hardware: image.hardware,
			digest: image.digest,
			sizeBytes: image.bytes.length,
			securityCounter,
			authentic: rejection === undefined,
			...(rejection === undefined ? {} : { rejection }),
			origin: release.origin,
			behaviour,
			// A downgrade is authentic, and no device here may take it.
			bad: rejection !== undefined || securityCounter < provisionedCounter || !(behaviour === 'healthy' || behaviour === 'migrates-settings'),
			...(defect === undefined ? {} : { defect }),
		});
	}

	#rejectionOf(bytes: Uint8Array, profile: Profile): string | undefined {
		if (bytes.length > profile.largestImageBytes) return `size: ${bytes.length} bytes exceed the slot of ${profile.largestImageBytes}`;
		const verdict = verifyImage(bytes, acceptanceOf(profile, this.#options.slots.currentKeys));
		return verdict.accepted ? undefined : verdict.reason;
	}
}

export interface ReleaseBookOptions {
	readonly profiles: readonly Profile[];
	readonly slots: CachingSlotReader;
	readonly nowMs: () => number;
	readonly record: (event: BlackstartEvent) => void;
}

const behaviourOf = (bytes: Uint8Array): string => parsed(bytes, (image) => readBehaviour(image)) ?? 'healthy';

const counterOf = (bytes: Uint8Array): number => parsed(bytes, (image) => image.securityCounter) ?? 0;

/** Undefined for bytes that are no image. */
const parsed = <Value>(bytes: Uint8Array, read: (image: ReturnType<typeof parseImage>) => Value): Value | undefined => {
	try {
		return read(parseImage(bytes));
	} catch (error) {
		if (error instanceof Error && error.name === 'ImageError') return undefined;
		throw error;
	}
};
