import type { BlackstartEvent } from '../events/index.js';
import { createAudited } from './audited.js';
import { createAuthentic } from './authentic.js';
import { createBoardInvariants } from './board/index.js';
import { createBootable } from './bootable.js';
import { createContained } from './contained.js';
import { createConverges } from './converges.js';
import { createGentle } from './gentle.js';
import type { EventKind, Invariant, InvariantResult } from './invariant.js';
import { createNoDowngrade } from './no-downgrade.js';
import { createOnce } from './once.js';
import { createSettings } from './settings.js';
import { createThrifty } from './thrifty.js';
import { createTidy } from './tidy.js';
import { createTrial } from './trial.js';
import { createTruthful } from './truthful.js';
import { createWhole } from './whole.js';

/** All invariants, always on, over the events of one case. */
export interface Judge {
	/** Throws a RangeError for an event of a device that was never provisioned: the world is wrong then, not the product. */
	observe(event: BlackstartEvent): void;
	/** In the order of the design's table. */
	finish(): readonly InvariantResult[];
}

/**
 * Makes the judge of one case. A wrong thing is charged to one invariant: what one already says, the others leave out,
 * so that the names of the broken invariants say what is wrong.
 *
 * It trusts the events to be the flash's truth, in order: `release-published` before the image is offered, `device-provisioned`
 * before anything else of a device, and a request, a confirm or a change of settings that survived a power cut reported before
 * the boot that follows it.
 */
export const createJudge = (): Judge => {
	const invariants: readonly Invariant[] = [
		createBootable(),
		createWhole(),
		createAuthentic(),
		createNoDowngrade(),
		createTrial(),
		createSettings(),
		createTruthful(),
		createOnce(),
		createConverges(),
		createThrifty(),
		createGentle(),
		createContained(),
		createAudited(),
		createTidy(),
		...createBoardInvariants(),
	];
	const watchers = new Map<EventKind, Invariant[]>();
	for (const invariant of invariants) {
		for (const kind of invariant.watches) {
			const known = watchers.get(kind);
			if (known === undefined) watchers.set(kind, [invariant]);
			else known.push(invariant);
		}
	}
	return {
		observe: (event) => {
			const watching = watchers.get(event.kind);
			if (watching !== undefined) for (const invariant of watching) invariant.observe(event);
		},
		finish: () => addUp(invariants.map((invariant) => invariant.finish())),
	};
};

/** Devices and boards are judged apart, and told as one. */
const addUp = (results: readonly InvariantResult[]): readonly InvariantResult[] => {
	const sums = new Map<InvariantResult['invariant'], InvariantResult>();
	for (const result of results) {
		const before = sums.get(result.invariant);
		sums.set(
			result.invariant,
			before === undefined ? result : { ...result, checks: before.checks + result.checks, violations: [...before.violations, ...result.violations] },
		);
	}
	return [...sums.values()];
};
