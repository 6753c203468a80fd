import { deepEqual, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createTruthful } from '../../../harness/invariants/index.js';

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** An update as it stands when the world closes: both releases, what lies in the slot that the device runs, and what the server holds. */
export interface EndOfUpdate {
	readonly oldImage: Uint8Array;
	readonly newImage: Uint8Array;
	readonly slot: Uint8Array;
	/** As of a job; undefined where the server holds it for unfinished. */
	readonly status: 'SUCCEEDED' | 'FAILED' | 'CANCELED' | undefined;
}

/** What the invariant `truthful` says of an update that a client of others made. */
export const judgeTruth = ({ oldImage, newImage, slot, status }: EndOfUpdate): readonly string[] => {
	const truthful = createTruthful();
	const device = 'dev1';
	const hardware = 'feas:1.0';
	const settings = digestOf(Buffer.from('none'));
	const job = 'update';
	const [before, promised, running] = [oldImage, newImage, slot].map(digestOf) as [string, string, string];
	let at = 0;
	for (const [version, digest] of [
		['1.0', before],
		['2.0', promised],
	] as const) {
		const facts = { securityCounter: 0, authentic: true, origin: 'harness', behaviour: 'healthy', bad: false } as const;
		truthful.observe({ kind: 'release-published', at: at++, release: version, version, hardware, digest, sizeBytes: newImage.length, ...facts });
	}
	truthful.observe({ kind: 'device-provisioned', at: at++, device, hardware, digest: before, version: '1.0', securityCounter: 0, settings });
	truthful.observe({ kind: 'device-job', at: at++, device, job, digest: promised });
	const boot = { cause: 'update', slot: 'a', trial: false, reverted: false, securityCounter: 0, settings } as const;
	truthful.observe({ kind: 'device-boot', at: at++, device, version: running === promised ? '2.0' : '1.0', digest: running, ...boot });
	if (running === promised) truthful.observe({ kind: 'device-confirmed', at: at++, device, digest: promised, securityCounter: 0 });
	if (status !== undefined) truthful.observe({ kind: 'service-job', at: at++, device, job, status, version: 2 });
	truthful.observe({
		kind: 'device-audit',
		at: at++,
		device,
		running,
		confirmed: true,
		securityCounter: 0,
		settings,
		believedVersion: null,
		believedStatus: status ?? null,
		jobDigest: promised,
		boots: 1,
		bytesReceived: newImage.length,
		flashOperations: 1,
		leftovers: [],
	});
	return truthful.finish().violations.map(({ message }) => message);
};

/** Throws where `truthful` found something else than a case is about: nothing, where that is undefined. */
export const assertTruth = (found: readonly string[], untruth: RegExp | undefined): void => {
	if (!untruth) deepEqual(found, [], 'truthful holds');
	else ok(found.length > 0 && found.every((message) => untruth.test(message)), `truthful was to find ${untruth}, and found ${JSON.stringify(found)}`);
};
