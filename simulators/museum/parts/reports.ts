import { type DeviceExecution, encodePresence, type JobsReply, reportTopic } from '../../../harness/protocols/index.js';
import { type Agent, type Device, type DeviceParts, RIGHT_PARTS } from '../../device/index.js';

type ReportOutcome = DeviceParts['reportOutcome'];

/** Says that the update succeeded once the image is in its slot, and then reboots into it. */
export const hurriedHandOver: DeviceParts['handOver'] = (agent, { jobId, versionNumber }) => {
	const { device, jobs } = agent;
	jobs.update(jobId, { status: 'SUCCEEDED', expectedVersion: versionNumber }, () => device.after(100, () => device.reset('update')));
};

/** Keeps a failure to itself and looks for work, which is the same job again. */
export const retryForEver: ReportOutcome = (agent) => {
	agent.device.outcome.acknowledge();
	agent.work();
};

/** The same, until it has had enough of it. */
export const retryVeryOften: ReportOutcome = (agent, outcome) =>
	agent.device.tally.boots < 20 ? retryForEver(agent, outcome) : RIGHT_PARTS.reportOutcome(agent, outcome);

/** Keeps a failure to itself and waits for something else to do. */
export const giveUpSilently: ReportOutcome = (agent) => {
	agent.device.outcome.acknowledge();
	agent.rest();
};

/** Sends the outcome once and does not wait to hear whether it arrived. */
export const reportWithoutWaiting: ReportOutcome = (agent, { job, status }) => {
	agent.jobs.update(job, { status: status as 'SUCCEEDED' | 'FAILED' }, () => {});
	agent.device.outcome.acknowledge();
	agent.rest();
};

/** Names the version that the job had when it began, and tries the same again where the service has a newer one. */
export const reportStaleVersion: ReportOutcome = (agent, { job, status }) =>
	agent.jobs.update(
		job,
		{ status: status as 'SUCCEEDED' | 'FAILED', expectedVersion: 1 },
		agent.awaitAnswer(() => agent.workLater(STALE_RETRY_MS)),
	);

/** Drops the connection over an outcome that the service is slow to take, and over the next. */
export const reconnectOverOutcome: ReportOutcome = (agent) => void agent.device.after(1, () => agent.reconnect());

/** Takes a success that it could not tell at once for a failure. */
export const reportFailure: ReportOutcome = (agent, outcome) => RIGHT_PARTS.reportOutcome(agent, { ...outcome, status: 'FAILED', reason: 'no answer' });

/** Tells the service how an update ended, and never strikes it off its own list. */
export const reportAndKeep: ReportOutcome = (agent, { job, status }) => {
	const end = (): void => {
		agent.reportItself();
		agent.rest();
	};
	agent.jobs.describe(
		job,
		agent.awaitAnswer((reply: JobsReply) => {
			if (!reply.accepted || reply.execution?.status !== 'IN_PROGRESS') return end();
			agent.jobs.update(job, { status: status as 'SUCCEEDED' | 'FAILED', expectedVersion: reply.execution.versionNumber }, agent.awaitAnswer(end));
		}),
	);
};

/** Looks for work four times a second once it has had a job. */
export const pollWithoutRest: ReportOutcome = (agent, outcome) => {
	RIGHT_PARTS.reportOutcome(agent, outcome);
	poll(agent);
};

const STALE_RETRY_MS = 10_000;
const POLL_EVERY_MS = 250;

const poll = (agent: Agent): void =>
	void agent.device.after(POLL_EVERY_MS, () => {
		if (agent.connected) agent.jobs.describe('$next', () => {});
		poll(agent);
	});

/** Tells of itself what it told when it first came online. */
export const createFirstReport = (): DeviceParts['report'] => {
	const first = new WeakMap<Device, Uint8Array>();
	return (device, image) => {
		const report = first.get(device) ?? RIGHT_PARTS.report(device, image);
		first.set(device, report);
		return report;
	};
};

/** Says that it runs the version that it was sent, from the hand-over on. */
export const createAmbitiousReport = (): Pick<DeviceParts, 'handOver' | 'report'> => {
	const sent = new WeakMap<Device, string>();
	return {
		handOver: (agent: Agent, execution: DeviceExecution) => {
			const { device, life } = agent;
			const next = device.surroundings.slots.read(device, life.slot === 'a' ? 'b' : 'a');
			if (next) sent.set(device, next.version);
			agent.send(reportTopic(device.id), RIGHT_PARTS.report(device, agent.image));
			RIGHT_PARTS.handOver(agent, execution);
		},
		report: (device, image) => RIGHT_PARTS.report(device, { ...image, version: sent.get(device) ?? image.version }),
	};
};

/** Begins the period of its reports at its boot. */
export const aPeriodAfterTheBoot: DeviceParts['firstReportDelayMs'] = (_device, everyMs) => everyMs;

/** Reports whenever a whole number of periods has passed since the epoch. */
export const onTheFullPeriod: DeviceParts['firstReportDelayMs'] = ({ clock }, everyMs) => everyMs - (clock.epochMs % everyMs);

/** Keeps the count of its boots in memory. */
export const presenceOfThisBoot: DeviceParts['presence'] = (_device, presence) => encodePresence({ ...presence, boot: 1 });

/** Has its will say what it says itself. */
export const alwaysOnline: DeviceParts['presence'] = (_device, presence) => encodePresence({ ...presence, state: 'online' });

/** Says nothing of itself where it has nothing new to say. */
export const createSparingReport = (): DeviceParts['report'] => {
	const last = new WeakMap<Device, string>();
	return (device, image) => {
		if (last.get(device) === image.digest) return new Uint8Array(0);
		last.set(device, image.digest);
		return RIGHT_PARTS.report(device, image);
	};
};
