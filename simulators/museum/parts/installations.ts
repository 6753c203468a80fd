import { type DeviceParts, RIGHT_PARTS } from '../../device/index.js';
import { overriding } from './overriding.js';

type CreateInstallation = DeviceParts['createInstallation'];

/** Takes a new connection for a new job: drops what it has and asks for the job once more. */
export const createForgetfulInstallation: CreateInstallation = (agent, execution) => {
	const installation = RIGHT_PARTS.createInstallation(agent, execution);
	return overriding(installation, { resume: () => installation.nextChanged(undefined) });
};

/** Does not ask whether the image that a job brings runs already. */
export const createHeedlessInstallation: CreateInstallation = (agent, execution) =>
	RIGHT_PARTS.createInstallation(overriding(agent, { image: { ...agent.image, digest: 'not looked at' } }), execution);

/** Goes on with a job that was taken back. */
export const createStubbornInstallation: CreateInstallation = (agent, execution) =>
	overriding(RIGHT_PARTS.createInstallation(agent, execution), { nextChanged: () => {} });

/** Takes a slot for twice as large as it is. */
export const createOverrunningInstallation: CreateInstallation = (agent, execution) => {
	const { device } = agent;
	const profile = { ...device.profile, largestImageBytes: 2 * device.profile.largestImageBytes };
	return RIGHT_PARTS.createInstallation(overriding(agent, { device: overriding(device, { profile }) }), execution);
};

/** Asks for the trial first, and downloads what is to be tried after that. */
export const createTrialFirstInstallation: CreateInstallation = (agent, execution) => {
	const { device, life, journal } = agent;
	const installation = RIGHT_PARTS.createInstallation(agent, execution);
	return overriding(installation, {
		start: () => {
			installation.start();
			const update = journal.current();
			if (update === null) return;
			device.record({ kind: 'device-trial-requested', at: device.clock.nowMs, device: device.id, digest: update.digest });
			device.bootloader.requestTrial(life.slot === 'a' ? 'b' : 'a');
		},
	});
};
