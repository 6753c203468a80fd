import type { JobsReply } from '../../harness/protocols/index.js';
import type { Agent } from './agent.js';
import type { UpdateOutcome } from './storage/index.js';

const RETRY_AFTER_MS = 10_000;

/** Tells the service how an update ended, again until the service has it or has closed the job itself; then looks for the next. */
export const reportOutcome = (agent: Agent, outcome: UpdateOutcome): void => {
	const { jobs } = agent;
	const finish = (): void => {
		agent.device.outcome.acknowledge();
		// The report after the connection may have met deaf ears; by now the service has answered.
		agent.reportItself();
		agent.work();
	};
	const update = (expectedVersion: number): void => {
		const statusDetails = outcome.reason === undefined ? {} : { reason: outcome.reason };
		jobs.update(
			outcome.job,
			{ status: outcome.status as 'SUCCEEDED' | 'FAILED' | 'REJECTED', statusDetails, expectedVersion },
			agent.awaitAnswer((reply: JobsReply) => {
				if (reply.accepted) recordReported(agent, outcome);
				if (reply.accepted || isJobOver(reply.code)) finish();
				else agent.workLater(RETRY_AFTER_MS);
			}),
		);
	};
	jobs.describe(
		outcome.job,
		agent.awaitAnswer((reply: JobsReply) => {
			if (reply.accepted && reply.execution) update(reply.execution.versionNumber);
			else if (reply.accepted || isJobOver(reply.code)) finish();
			else agent.workLater(RETRY_AFTER_MS);
		}),
	);
};

/** The service has closed the job, or forgotten it: nothing that is said of it now has effect. */
export const isJobOver = (code: string): boolean => code === 'TerminalStateReached' || code === 'InvalidStateTransition' || code === 'ResourceNotFound';

const recordReported = (agent: Agent, outcome: UpdateOutcome): void => {
	const { device } = agent;
	const reason = outcome.reason === undefined ? {} : { reason: outcome.reason };
	device.record({ kind: 'device-reported', at: device.clock.nowMs, device: device.id, job: outcome.job, status: outcome.status, ...reason });
};
