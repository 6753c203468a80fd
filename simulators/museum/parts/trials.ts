import { type Agent, type DeviceParts, RIGHT_PARTS, type TrialPart } from '../../device/index.js';
import { overriding } from './overriding.js';

type CreateTrial = DeviceParts['createTrial'];

/** Confirms in the first line of its main function. */
export const createConfirmingTrial: CreateTrial = (agent, job) => ({ start: () => confirm(agent, job), online: () => {} });

/** Confirms once it has run for a few seconds, whomever it can reach. */
export const createOfflineTrial: CreateTrial = (agent, job) => ({
	start: () => void agent.device.after(SOON_MS, () => confirm(agent, job)),
	online: () => {},
});

/** Watches itself as long as it should, and asks nobody whether the job still stands. */
export const createUnaskingTrial: CreateTrial = (agent, job) => ({
	start: () => {},
	online: () => void agent.device.after(agent.device.profile.timings.trialSoakMs, () => confirm(agent, job)),
});

/** Says that the update succeeded when it comes online, and goes through its trial after that. */
export const createBoastingTrial: CreateTrial = (agent, job): TrialPart => {
	const trial = RIGHT_PARTS.createTrial(agent, job);
	return overriding(trial, {
		online: () => {
			if (job !== undefined) agent.jobs.update(job, { status: 'SUCCEEDED' }, () => {});
			trial.online();
		},
	});
};

/** Confirms, and some minutes later has the image before it tried for old times' sake. */
export const createTurncoatTrial: CreateTrial = (agent, job) => {
	const { device, life } = agent;
	return {
		start: () => {},
		online: () =>
			void device.after(device.profile.timings.trialSoakMs, () => {
				confirm(agent, job);
				device.after(MINUTES_MS, () => {
					device.bootloader.requestTrial(life.slot === 'a' ? 'b' : 'a');
					device.reset('watchdog');
				});
			}),
	};
};

const SOON_MS = 5_000;
const MINUTES_MS = 300_000;

const confirm = (agent: Agent, job: string | undefined): void => {
	const { device, image } = agent;
	if (device.truth.confirmedDigest === image.digest) return;
	device.truth.confirming(image, () => device.bootloader.confirm());
	device.settings.dropOlder();
	if (job !== undefined) agent.finishJob({ job, status: 'SUCCEEDED' });
	agent.trialPassed();
};
