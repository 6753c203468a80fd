import { type Agent, type DeviceParts, type InstallationPart, RIGHT_PARTS, type WriterPart } from '../../device/index.js';

type Gate = DeviceParts['objectionToImage'];

/** Hands over whatever lies in the slot. */
export const openGate: Gate = () => undefined;

/** Takes the hash that the job names for a proof of who made the image, and asks nothing else. */
export const hashOnlyGate: Gate = (device, { slot, sizeBytes, digest }) =>
	device.surroundings.slots.digest(device, { slot, sizeBytes }) === digest ? undefined : 'wrong hash';

/** Writes whole blocks as they come, and keeps a last, short one for a next block that never comes. */
export const createTailLosingWriter: DeviceParts['createWriter'] = (device, options) => {
	const writer = RIGHT_PARTS.createWriter(device, options);
	let kept: number | undefined;
	return {
		...methodsOfWriter(writer),
		hasBlock: (block) => block === kept || writer.hasBlock(block),
		write: (block, bytes) => {
			if (bytes.length < device.profile.download.blockSizeBytes) kept = block;
			else writer.write(block, bytes);
		},
	};
};

/** Keeps no position: each start of the download begins with its first block. */
export const createForgetfulWriter: DeviceParts['createWriter'] = (device, options) => {
	const writer = RIGHT_PARTS.createWriter(device, options);
	writer.begin();
	return writer;
};

/** Takes a new connection for a new job: drops what it has and asks for the job once more. */
export const createForgetfulInstallation: DeviceParts['createInstallation'] = (agent, execution): InstallationPart => {
	const installation = RIGHT_PARTS.createInstallation(agent, execution);
	return {
		start: () => installation.start(),
		resume: () => installation.nextChanged(undefined),
		receive: (topic, payload) => installation.receive(topic, payload),
		nextChanged: (next) => installation.nextChanged(next),
	};
};

/** Says that the update succeeded once the image is in its slot, and then reboots into it. */
export const hurriedHandOver: DeviceParts['handOver'] = (agent, { jobId, versionNumber }) => {
	const { device, jobs } = agent;
	jobs.update(jobId, { status: 'SUCCEEDED', expectedVersion: versionNumber }, () => device.after(100, () => device.reset('update')));
};

/** Confirms in the first line of its main function. */
export const createConfirmingTrial: DeviceParts['createTrial'] = (agent, job) => ({
	start: () => {
		const { device, image } = agent;
		device.truth.confirming(image, () => device.bootloader.confirm());
		if (job !== undefined) agent.finishJob({ job, status: 'SUCCEEDED' });
		agent.trialPassed();
	},
	online: () => {},
});

/** Keeps a failure to itself and looks for work, which is the same job again. */
export const retryForEver = (agent: Agent): void => {
	agent.device.outcome.acknowledge();
	agent.work();
};

/** The same, until it has had enough of it. */
export const retryVeryOften: DeviceParts['reportOutcome'] = (agent, outcome) =>
	agent.device.tally.boots < 20 ? retryForEver(agent) : RIGHT_PARTS.reportOutcome(agent, outcome);

/** Keeps a failure to itself and waits for something else to do. */
export const giveUpSilently = (agent: Agent): void => {
	agent.device.outcome.acknowledge();
	agent.rest();
};

const methodsOfWriter = (writer: WriterPart): WriterPart => ({
	slot: writer.slot,
	blocksPerChunk: writer.blocksPerChunk,
	begin: () => writer.begin(),
	hasBlock: (block) => writer.hasBlock(block),
	write: (block, bytes) => writer.write(block, bytes),
});
