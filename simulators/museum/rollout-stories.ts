import type { FleetDevice } from '../../harness/ports/index.js';
import { BRIEF, type Choose, deploy } from './story-parts.js';
import type { Story } from './tell-story.js';

/** Stories of releases that go out in waves behind gates. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A release goes out to six devices, in waves behind gates. */
export const rolledOut = (choose: Choose, { rollback = false }: { readonly rollback?: boolean } = {}): Story => ({
	options: { devices: 6, ...BRIEF },
	tell: async ({ fleet }) => {
		await fleet.rollout(choose(fleet), { pilot: 2, waves: [2], maxFailureRatio: 0.1, waveTimeoutMs: 2 * HOUR_MS, rollback });
		await fleet.settle({ withinMs: 2 * HOUR_MS });
	},
});

/** A release that is bad on one revision is taken back from a fleet in which half of each revision had an update before. */
export const mixedRolloutTakenBack: Story = {
	options: { devices: 6, profiles: ['sensor', 'gateway'], ...BRIEF },
	tell: async ({ fleet }) => {
		const { releases, devices } = fleet;
		await deploy(fleet, releases.candidate({ revocable: true }), devices.slice(0, 3));
		await fleet.rollout(partlyBad(fleet), { pilot: devices.length, waves: [], maxFailureRatio: 0.1, waveTimeoutMs: 2 * HOUR_MS, rollback: true });
		await fleet.settle({ withinMs: 2 * HOUR_MS });
	},
};

/** The devices of a pilot say nothing, one way or the other, before the wave's time is over. */
export const silentPilot: Story = {
	options: { devices: 6, ...BRIEF },
	tell: async ({ fleet }) => {
		await fleet.rollout(fleet.releases.behaving('forgets-to-confirm'), { pilot: 2, waves: [2], maxFailureRatio: 0.1, waveTimeoutMs: 5 * MINUTE_MS });
		await fleet.settle({ withinMs: 2 * HOUR_MS });
	},
};

/** Bad on the hardware of the fleet's first device alone. */
export const partlyBad: Choose = ({ releases, devices: [first] }) => releases.behaving('fails-self-test', { onlyOn: (first as FleetDevice).hardware });
