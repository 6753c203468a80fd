import { hostname, userInfo } from 'node:os';
import { z } from 'zod';
import { identifyProcess, type ProcessIdentity, stateOfProcess } from './process-identity.js';

const identity = z.object({ pid: z.int(), startTicks: z.string(), bootId: z.string(), pidNamespace: z.string() });

const record = z.object({
	/** Of this holding alone. */
	token: z.string(),
	/** False once it was given back. */
	held: z.boolean(),
	/** For people: who, and what for. */
	owner: z.string(),
	purpose: z.string(),
	holder: identity,
	/** Processes that hold it as well: it is held for as long as any of them lives. */
	keepers: z.array(identity),
	sinceEpochMs: z.number(),
	/** Renewed while its holder lives: decides where that cannot be seen. */
	expiresEpochMs: z.number(),
});

/** What the file of a lease says. */
export type LeaseRecord = Readonly<z.output<typeof record>>;

/** Undefined where it is none of ours. */
export const parseLeaseRecord = (text: string): LeaseRecord | undefined => {
	try {
		return record.safeParse(JSON.parse(text)).data;
	} catch {
		// Not even JSON: nobody's.
		return undefined;
	}
};

export const createLeaseRecord = (facts: {
	readonly token: string;
	readonly purpose: string;
	readonly sinceEpochMs: number;
	readonly expiresEpochMs: number;
}): LeaseRecord => ({ ...facts, held: true, owner: `${userName()}@${hostname()}`, holder: identifyProcess() as ProcessIdentity, keepers: [] });

const userName = (): string => {
	try {
		return userInfo().username;
	} catch {
		// A user without an entry, as in containers.
		return `user ${process.getuid?.() ?? '?'}`;
	}
};

/** Whether others may take it, and why. */
export const judgeLease = (lease: LeaseRecord, nowEpochMs: number): { readonly free: boolean; readonly why: string } => {
	if (!lease.held) return { free: true, why: 'it was given back' };
	const states = [lease.holder, ...lease.keepers].map(stateOfProcess);
	const overMs = nowEpochMs - lease.expiresEpochMs;
	if (states.every((state) => state === 'dead')) return { free: true, why: `its process ${lease.holder.pid} has ended` };
	if (states.includes('alive')) {
		return { free: false, why: overMs > 0 ? `it ran out ${seconds(overMs)} ago, but its process lives and may be stopped: end it` : 'its process lives' };
	}
	return overMs > 0
		? { free: true, why: `it ran out ${seconds(overMs)} ago and was not renewed` }
		: { free: false, why: `its process cannot be seen from here; it runs out in ${seconds(-overMs)} unless it is renewed` };
};

export const describeHolder = ({ owner, holder, purpose, sinceEpochMs }: LeaseRecord): string =>
	`${owner}, process ${holder.pid} (${purpose}), since ${new Date(sinceEpochMs).toISOString()}`;

const seconds = (timeMs: number): string => `${Math.ceil(timeMs / 1_000)} s`;
