import type { InvariantName, Violation } from '../events/index.js';
import type { InvariantResult } from './invariant.js';

/** Violations kept in full; the rest is only counted, so that a fleet that is wrong throughout costs no memory. */
export const MOST_VIOLATIONS_KEPT = 20;

/** Collects what one invariant found. */
export interface Findings {
	readonly invariant: InvariantName;
	/** Counts one real test of the invariant. */
	check(): void;
	/** `event` says whose violation it is, and when. */
	violate(event: { readonly at: number; readonly device?: string }, message: string): void;
	result(): InvariantResult;
}

export const createFindings = (invariant: InvariantName): Findings => {
	const kept: Violation[] = [];
	let checks = 0;
	let total = 0;
	let lastAt = 0;
	return {
		invariant,
		check: () => {
			checks++;
		},
		violate: ({ at, device }, message) => {
			total++;
			lastAt = at;
			if (kept.length < MOST_VIOLATIONS_KEPT) kept.push({ ...(device === undefined ? {} : { device }), at, message });
		},
		result: () => ({
			invariant,
			checks: Math.max(checks, total),
			violations:
				total > kept.length ? [...kept, { at: lastAt, message: `and ${total - kept.length} more like these: ${total} violations in all` }] : [...kept],
		}),
	};
};
