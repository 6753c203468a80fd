import type { JobsReply } from '../../../harness/protocols/index.js';
import { type Agent, type DeviceParts, parseUpdateDocument, RIGHT_PARTS } from '../../device/index.js';
import { overriding } from './overriding.js';

type CreateInstallation = DeviceParts['createInstallation'];

/** The agent to an installation that answers for itself whether its job still stands. */
const answering = (agent: Agent, reply: JobsReply): Agent => overriding(agent, { jobs: overriding(agent.jobs, { describe: (_job, done) => done(reply) }) });

/** Drops a job at a new connection and at any notice of another job, without asking whether it still stands. */
export const createForgetfulInstallation: CreateInstallation = (agent, execution) => {
	const isOver: JobsReply = { accepted: false, code: 'TerminalStateReached', message: 'not asked' };
	const installation = RIGHT_PARTS.createInstallation(answering(agent, isOver), execution);
	return overriding(installation, { resume: () => installation.nextChanged(undefined) });
};

/** Does not ask whether the image that a job brings runs already. */
export const createHeedlessInstallation: CreateInstallation = (agent, execution) =>
	RIGHT_PARTS.createInstallation(overriding(agent, { image: { ...agent.image, digest: 'not looked at' } }), execution);

/** Goes on with a job that was taken back. */
export const createStubbornInstallation: CreateInstallation = (agent, execution) =>
	RIGHT_PARTS.createInstallation(answering(agent, { accepted: true, execution: undefined }), execution);

/** Does not remember how earlier jobs ended. */
export const createUnrememberingInstallation: CreateInstallation = (agent, execution) => {
	const { device } = agent;
	const outcome = overriding(device.outcome, { recall: () => undefined });
	return RIGHT_PARTS.createInstallation(overriding(agent, { device: overriding(device, { outcome }) }), execution);
};

/** Holds a job for carried out once it has read its document. */
export const createBoastingInstallation: CreateInstallation = (agent, execution) => {
	const digest = parseUpdateDocument(execution.jobDocument).digest;
	return RIGHT_PARTS.createInstallation(overriding(agent, { image: { ...agent.image, digest } }), execution);
};

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
