import { readStatement } from '../../harness/firmware/index.js';
import type { Device } from './device.js';
import type { UpdateDocument } from './job-document.js';

/**
 * What speaks against beginning an update now: by the service's own word, and, where devices go by what whoever signs releases
 * says, by that. Both by the clock of the day, where the device has one.
 */
export const objectionToStatement = (device: Device, update: UpdateDocument): string | undefined =>
	stalenessOf(device, update.expiresS) ?? objectionToSigned(device, update);

/** Of a job or of a statement. */
export const stalenessOf = ({ surroundings, wallClock }: Device, expiresS: number | undefined): string | undefined => {
	if (expiresS === undefined || surroundings.trust === undefined || wallClock.epochMs < expiresS * 1_000) return undefined;
	return `the job expired at ${new Date(expiresS * 1_000).toISOString()}, it is ${new Date(wallClock.epochMs).toISOString()}`;
};

const objectionToSigned = (device: Device, { statement, digest }: UpdateDocument): string | undefined => {
	if (!device.surroundings.needsStatements) return undefined;
	if (statement === undefined) return 'statement: one that is signed was expected along with the job, there is none';
	const { version, keys } = device.keys.current();
	const read = readStatement(statement, keys);
	if (typeof read === 'string') return `statement: ${read} (key set ${version})`;
	if (read.digest !== digest) return `statement: it is for the image ${read.digest.slice(0, 12)}, the job brings ${digest.slice(0, 12)}`;
	if (read.hardware !== device.profile.hardware) return `statement: it is for ${read.hardware}, this is ${device.profile.hardware}`;
	return stalenessOf(device, read.expiresS);
};
