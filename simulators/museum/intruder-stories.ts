import { parsePlan } from '../../harness/campaign/index.js';
import type { FleetDevice } from '../../harness/ports/index.js';
import { BRIEF, candidate, deploy, earlier, SLOW } from './story-parts.js';
import type { Story } from './tell-story.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Two people send out two releases at one moment, each by a plan of their own. */
export const twoCampaigns: Story = {
	options: { devices: 4, profiles: ['sensor'], ...BRIEF },
	tell: async ({ fleet }) => {
		const planOf = (name: string) =>
			parsePlan(
				`name: ${name}\napprover: Dana Okafor\ninventory: [{ group: sensors, hardware: sensor-r1, version: 1.0.0 }]\npilot: 4\ngates: { failures: 100% }\n`,
				{
					file: `${name}.yaml`,
				},
			);
		await Promise.all([fleet.campaign(planOf('spring'), { release: candidate(fleet) }), fleet.campaign(planOf('hotfix'), { release: earlier(fleet) })]);
		await fleet.settle({ withinMs: HOUR_MS });
	},
};

/** A person writes a slot over while a download is under way into it. */
export const flashedInTheDownload: Story = {
	options: { devices: 2, profiles: ['sensor'], link: SLOW, referenceShare: 0 },
	tell: async ({ fleet, random }) => {
		for (const device of fleet.devices)
			fleet.flashByHand(device, { release: fleet.releases.behaving('healthy'), slot: 'idle', afterMs: 15_000 + random.integer(30_000) });
		await deploy(fleet, candidate(fleet));
	},
};

/** One device speaks as another one, in the middle of the download that both are at. */
export const forged = (says: 'success' | 'report'): Story => ({
	options: { devices: 4, profiles: ['sensor'], link: SLOW, referenceShare: 0 },
	tell: async ({ fleet, random }) => {
		const [attacker, ...others] = fleet.devices as readonly [FleetDevice, ...FleetDevice[]];
		fleet.arm(attacker, { kind: 'forged-message', victim: random.pick(others).id, says, afterMs: says === 'success' ? 10_000 : 15 * MINUTE_MS });
		await deploy(fleet, candidate(fleet));
		await fleet.sleep(30 * MINUTE_MS);
	},
});

/** A key is replaced, and somebody who has the old one signs a release with it. */
export const revokedKey: Story = {
	options: { devices: 3, ...BRIEF },
	tell: async ({ fleet }) => {
		fleet.rotateKeys();
		await deploy(fleet, candidate(fleet));
		await deploy(fleet, fleet.releases.revoked());
	},
};
