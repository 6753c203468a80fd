import { isSettable, isTerminal, JOB_STATUSES, type JobExecution, type JobExecutionState, type JobStatus } from './job-execution.js';
import {
	encodeExecution,
	encodeNotify,
	encodeNotifyNext,
	encodeObject,
	encodeSummaries,
	type JobsRequest,
	parseJobsRequest,
	type Refusal,
} from './jobs-codec.js';
import type { Outgoing } from './outgoing.js';
import { assertJobId, assertThingName, parseRequestTopic, type RequestTopic } from './topics.js';

export interface JobExecutionsOptions {
	/** Seconds since the Unix epoch, now. */
	nowS(): number;
	/** Asked before each request; a code refuses it, as an overloaded or broken service does. */
	refuse?(thing: string, topic: string): 'RequestThrottled' | 'InternalError' | undefined;
	/** Told after each change of an execution, before anything is sent. */
	onChange?(change: JobChange): void;
}

/** What the service holds true of an execution after it changed. */
export interface JobChange extends JobExecutionState {
	readonly thing: string;
	readonly jobId: string;
	/** Who changed it: the device's own request, or the service (created, cancelled, removed, expired). */
	readonly by: 'device' | 'service';
}

interface Execution extends JobExecution {
	status: JobStatus;
	statusDetails: Readonly<Record<string, string>>;
	startedAtS: number | undefined;
	lastUpdatedAtS: number;
	versionNumber: number;
	deadlineS: number | undefined;
	/** The job document as JSON text, shared by all executions of the job. */
	readonly document: string;
}

/** What the service held at one moment. */
export interface JobsSnapshot {
	readonly things: readonly { readonly name: string; readonly executions: readonly Execution[] }[];
	readonly jobs: readonly (readonly [jobId: string, things: readonly string[]])[];
}

interface Thing {
	readonly name: string;
	/** By job; insertion order is the order of creation. */
	readonly executions: Map<string, Execution>;
	/** QUEUED and IN_PROGRESS, in order of creation. */
	pending: Execution[];
}

type JobsTopic = Exclude<Extract<RequestTopic, { service: 'jobs' }>, { request: 'unknown' }>;
type Answer = { readonly accepted: Buffer } | Refusal;

/**
 * The Jobs service's state machine for all things: requests in, messages out, no time or transport of its own.
 *
 * Sources: the AWS IoT Jobs device MQTT API. `notify` follows a change of the pending list, `notify-next` a change
 * of which execution is next: the first IN_PROGRESS, else the first QUEUED, in order of creation.
 */
export class JobExecutions {
	readonly #options: JobExecutionsOptions;
	readonly #things = new Map<string, Thing>();
	readonly #jobs = new Map<string, Set<string>>();
	readonly #timed = new Set<Execution>();
	#earliestS: number | undefined;

	constructor(options: JobExecutionsOptions) {
		this.#options = options;
	}

	/** Queues a job on things. A job may be created for more things later, under the same document. */
	create(job: { readonly jobId: string; readonly document: unknown; readonly things: readonly string[] }): Outgoing[] {
		assertJobId(job.jobId);
		const document = JSON.stringify(job.document);
		if (document === undefined || !document.startsWith('{')) throw new TypeError(`document: a JSON object was expected, got ${document}`);
		const targets = this.#jobs.get(job.jobId) ?? new Set();
		for (const name of job.things) {
			assertThingName(name);
			if (targets.has(name)) throw new RangeError(`things: ${name} already has job ${job.jobId}`);
		}
		this.#jobs.set(job.jobId, targets);
		const nowS = this.#options.nowS();
		const outgoing: Outgoing[] = [];
		for (const name of new Set(job.things)) {
			targets.add(name);
			const thing = this.#thing(name);
			const before = nextOf(thing);
			const execution = createExecution({ jobId: job.jobId, thing: name, document, nowS });
			thing.executions.set(job.jobId, execution);
			thing.pending.push(execution);
			this.#tell(execution, 'service');
			outgoing.push(...this.#notifications(thing, before));
		}
		return outgoing;
	}

	/** Cancels a job's queued executions, on all its things by default; with `force` also those in progress. */
	cancel(jobId: string, { force = false, things }: { readonly force?: boolean; readonly things?: readonly string[] } = {}): Outgoing[] {
		return this.#end(jobId, { status: 'CANCELED', which: (status) => status === 'QUEUED' || force, ...(things === undefined ? {} : { things }) });
	}

	/** Another party's change of an execution that has not ended: its details stay, its version is one more. Nothing is notified. */
	touch(name: string, jobId: string): void {
		const execution = this.#things.get(name)?.executions.get(jobId);
		if (execution !== undefined && !isTerminal(execution.status)) this.#change(execution, { status: execution.status, by: 'service' });
	}

	/** Takes a job back from things (all of them by default): whatever is pending becomes REMOVED. */
	remove(jobId: string, options: { readonly things?: readonly string[] } = {}): Outgoing[] {
		return this.#end(jobId, { status: 'REMOVED', which: () => true, ...options });
	}

	/** Turns every execution whose step timer has run out by `nowS` into TIMED_OUT. */
	expire(nowS: number): Outgoing[] {
		const outgoing: Outgoing[] = [];
		this.#earliestS = undefined;
		for (const execution of [...this.#timed]) {
			const deadlineS = execution.deadlineS ?? Number.POSITIVE_INFINITY;
			if (deadlineS <= nowS) outgoing.push(...this.#finish(execution, 'TIMED_OUT'));
			else this.#earliestS = Math.min(this.#earliestS ?? deadlineS, deadlineS);
		}
		return outgoing;
	}

	/** When `expire` has work at the earliest; undefined without step timers. */
	get nextDeadlineS(): number | undefined {
		return this.#timed.size === 0 ? undefined : this.#earliestS;
	}

	execution(thing: string, jobId: string): JobExecution | undefined {
		return this.#things.get(thing)?.executions.get(jobId);
	}

	/** The thing's newest execution, whatever its status. */
	newest(thing: string): JobExecution | undefined {
		return [...(this.#things.get(thing)?.executions.values() ?? [])].at(-1);
	}

	/** Everything held at the moment, for `restore`; what changes later does not change it. */
	snapshot(): JobsSnapshot {
		return {
			things: [...this.#things.values()].map(({ name, executions }) => ({ name, executions: [...executions.values()].map((execution) => ({ ...execution })) })),
			jobs: [...this.#jobs].map(([jobId, things]) => [jobId, [...things]]),
		};
	}

	/** Goes back to a snapshot and tells of each execution that is another now; one that was created since counts as REMOVED. Nothing is notified. */
	restore(snapshot: JobsSnapshot): void {
		const before = [...this.#things.values()].flatMap(({ executions }) => [...executions.values()]);
		this.#things.clear();
		this.#jobs.clear();
		this.#timed.clear();
		for (const [jobId, things] of snapshot.jobs) this.#jobs.set(jobId, new Set(things));
		for (const { name, executions } of snapshot.things) {
			const thing = this.#thing(name);
			for (const kept of executions) {
				const execution = { ...kept };
				thing.executions.set(execution.jobId, execution);
				if (!isTerminal(execution.status)) thing.pending.push(execution);
				if (execution.deadlineS !== undefined) this.#startTimer(execution, execution.deadlineS);
			}
		}
		for (const old of before) {
			const now = this.#things.get(old.thing)?.executions.get(old.jobId);
			if (now === undefined && !isTerminal(old.status)) this.#tell({ ...old, status: 'REMOVED' }, 'service');
			else if (now !== undefined && now.versionNumber !== old.versionNumber) this.#tell(now, 'service');
		}
	}

	/** The current list and its head, as a service that was away sends them when it is back. */
	announce(name: string): Outgoing[] {
		const thing = this.#thing(name);
		return [this.#notify(thing), this.#notifyNext(thing)];
	}

	/** Answers one request of a thing; the answer first, then the notifications it causes. Empty where the topic is none of Jobs' for that thing. */
	handle(thing: string, topic: string, payload: Uint8Array): Outgoing[] {
		const parsedTopic = parseRequestTopic(topic);
		if (parsedTopic?.service !== 'jobs' || parsedTopic.thing !== thing) return [];
		const parsed = parseJobsRequest(payload);
		const clientToken = parsed.ok ? parsed.request.clientToken : parsed.clientToken;
		const injected = this.#options.refuse?.(thing, topic);
		const owner = this.#thing(thing);
		const before = nextOf(owner);
		const pendingBefore = owner.pending;
		let answer: Answer;
		if (injected !== undefined) answer = { code: injected, message: injected === 'RequestThrottled' ? 'too many requests' : 'an internal error occurred' };
		else if (parsedTopic.request === 'unknown') answer = { code: 'InvalidTopic', message: 'no operation of Jobs has this topic' };
		else if (!parsed.ok) answer = parsed.refusal;
		else answer = this.#answer(owner, parsedTopic, parsed.request);
		if (!('accepted' in answer)) return [{ thing, topic: `${topic}/rejected`, payload: this.#encodeRefusal(answer, clientToken), isAnswer: true }];
		const outgoing: Outgoing[] = [{ thing, topic: `${topic}/accepted`, payload: answer.accepted, isAnswer: true }];
		if (owner.pending !== pendingBefore) outgoing.push(...this.#notifications(owner, before));
		else if (nextOf(owner) !== before) outgoing.push(this.#notifyNext(owner));
		return outgoing;
	}

	#answer(thing: Thing, topic: JobsTopic, request: JobsRequest): Answer {
		switch (topic.request) {
			case 'get-pending':
				return this.#getPending(thing, request);
			case 'start-next':
				return this.#startNext(thing, request);
			case 'describe':
				return this.#describe(thing, topic.jobId, request);
			case 'update':
				return this.#update(thing, topic.jobId, request);
		}
	}

	#getPending(thing: Thing, request: JobsRequest): Answer {
		return this.#accept(request, {
			inProgressJobs: encodeSummaries(thing.pending.filter(({ status }) => status === 'IN_PROGRESS')),
			queuedJobs: encodeSummaries(thing.pending.filter(({ status }) => status === 'QUEUED')),
		});
	}

	#startNext(thing: Thing, request: JobsRequest): Answer {
		const execution = nextOf(thing);
		if (execution === undefined) return this.#accept(request, {});
		// An execution that is already in progress is given again as it is; only its timer can be set anew.
		if (execution.status === 'QUEUED') this.#change(execution, { status: 'IN_PROGRESS', statusDetails: request.statusDetails, by: 'device' });
		this.#setTimer(execution, request.stepTimeoutInMinutes);
		return this.#accept(request, { execution: encodeExecution(execution, execution.document) });
	}

	#describe(thing: Thing, jobId: string, request: JobsRequest): Answer {
		const execution = jobId === '$next' ? nextOf(thing) : thing.executions.get(jobId);
		if (execution === undefined && jobId === '$next') return this.#accept(request, {});
		if (execution === undefined || isOtherExecution(execution, request)) return notFound(thing.name, jobId);
		if (isTerminal(execution.status)) return { code: 'TerminalStateReached', message: `job ${jobId} is ${execution.status}` };
		return this.#accept(request, { execution: encodeExecution(execution, request.includeJobDocument === false ? undefined : execution.document) });
	}

	#update(thing: Thing, jobId: string, request: JobsRequest): Answer {
		const { status, expectedVersion } = request;
		if (status === undefined) return { code: 'InvalidRequest', message: 'status is missing' };
		const execution = thing.executions.get(jobId);
		if (execution === undefined || isOtherExecution(execution, request)) return notFound(thing.name, jobId);
		if (!(JOB_STATUSES as readonly string[]).includes(status))
			return { code: 'InvalidRequest', message: `status: ${JSON.stringify(status.slice(0, 40))} is none` };
		if (isTerminal(execution.status) || !isSettable(status)) {
			return { code: 'InvalidStateTransition', message: `a device cannot turn ${execution.status} into ${status}`, executionState: stateOf(execution) };
		}
		if (expectedVersion !== undefined && expectedVersion !== execution.versionNumber) {
			const message = `version ${expectedVersion} was expected, the execution has version ${execution.versionNumber}`;
			return { code: 'VersionMismatch', message, executionState: stateOf(execution) };
		}
		this.#change(execution, { status, statusDetails: request.statusDetails, by: 'device' });
		if (!isTerminal(status)) this.#setTimer(execution, request.stepTimeoutInMinutes);
		return this.#accept(request, {
			executionState: request.includeJobExecutionState ? JSON.stringify(stateOf(execution)) : undefined,
			jobDocument: request.includeJobDocument === true ? execution.document : undefined,
		});
	}

	#accept(request: JobsRequest, members: Readonly<Record<string, string | undefined>>): Answer {
		return { accepted: encodeObject({ ...members, timestamp: `${this.#options.nowS()}`, clientToken: encodeToken(request.clientToken) }) };
	}

	#encodeRefusal(refusal: Refusal, clientToken: string | undefined): Buffer {
		return encodeObject({
			code: JSON.stringify(refusal.code),
			message: JSON.stringify(refusal.message),
			clientToken: encodeToken(clientToken),
			timestamp: `${this.#options.nowS()}`,
			executionState: refusal.executionState === undefined ? undefined : JSON.stringify(refusal.executionState),
		});
	}

	#change(
		execution: Execution,
		change: { readonly status: JobStatus; readonly statusDetails?: JobExecution['statusDetails'] | undefined; readonly by: JobChange['by'] },
	): void {
		const nowS = this.#options.nowS();
		execution.status = change.status;
		if (change.statusDetails !== undefined) execution.statusDetails = change.statusDetails;
		if (change.status === 'IN_PROGRESS') execution.startedAtS ??= nowS;
		execution.lastUpdatedAtS = nowS;
		execution.versionNumber++;
		if (isTerminal(change.status)) {
			execution.deadlineS = undefined;
			this.#timed.delete(execution);
			const thing = this.#thing(execution.thing);
			// A new list, so that a change of the list shows by identity.
			thing.pending = thing.pending.filter((other) => other !== execution);
		}
		this.#tell(execution, change.by);
	}

	#setTimer(execution: Execution, minutes: number | undefined): void {
		if (minutes === undefined) return;
		if (minutes === -1) {
			execution.deadlineS = undefined;
			this.#timed.delete(execution);
			return;
		}
		this.#startTimer(execution, this.#options.nowS() + minutes * 60);
	}

	#startTimer(execution: Execution, deadlineS: number): void {
		execution.deadlineS = deadlineS;
		this.#timed.add(execution);
		this.#earliestS = Math.min(this.#earliestS ?? deadlineS, deadlineS);
	}

	#end(
		jobId: string,
		end: { readonly status: 'CANCELED' | 'REMOVED'; readonly which: (status: JobStatus) => boolean; readonly things?: readonly string[] },
	): Outgoing[] {
		const targets = this.#jobs.get(jobId);
		if (targets === undefined) throw new RangeError(`jobId: a job that was created was expected, got ${JSON.stringify(jobId)}`);
		const outgoing: Outgoing[] = [];
		for (const name of end.things ?? targets) {
			const execution = this.#things.get(name)?.executions.get(jobId);
			if (execution !== undefined && !isTerminal(execution.status) && end.which(execution.status)) outgoing.push(...this.#finish(execution, end.status));
		}
		return outgoing;
	}

	#finish(execution: Execution, status: JobStatus): Outgoing[] {
		const thing = this.#thing(execution.thing);
		const before = nextOf(thing);
		this.#change(execution, { status, by: 'service' });
		return this.#notifications(thing, before);
	}

	/** For a changed list; `before` was next until then. */
	#notifications(thing: Thing, before: Execution | undefined): Outgoing[] {
		return nextOf(thing) === before ? [this.#notify(thing)] : [this.#notify(thing), this.#notifyNext(thing)];
	}

	#notify(thing: Thing): Outgoing {
		return encodeNotify(thing.name, {
			nowS: this.#options.nowS(),
			queued: thing.pending.filter(({ status }) => status === 'QUEUED'),
			inProgress: thing.pending.filter(({ status }) => status === 'IN_PROGRESS'),
		});
	}

	#notifyNext(thing: Thing): Outgoing {
		const next = nextOf(thing);
		return encodeNotifyNext(thing.name, { nowS: this.#options.nowS(), execution: next && encodeExecution(next, next.document) });
	}

	#thing(name: string): Thing {
		const known = this.#things.get(name);
		if (known !== undefined) return known;
		const thing: Thing = { name, executions: new Map(), pending: [] };
		this.#things.set(name, thing);
		return thing;
	}

	#tell(execution: Execution, by: JobChange['by']): void {
		this.#options.onChange?.({ thing: execution.thing, jobId: execution.jobId, by, ...stateOf(execution) });
	}
}

const createExecution = (facts: { readonly jobId: string; readonly thing: string; readonly document: string; readonly nowS: number }): Execution => ({
	jobId: facts.jobId,
	thing: facts.thing,
	document: facts.document,
	status: 'QUEUED',
	statusDetails: {},
	queuedAtS: facts.nowS,
	startedAtS: undefined,
	lastUpdatedAtS: facts.nowS,
	versionNumber: 1,
	executionNumber: 1,
	deadlineS: undefined,
});

const nextOf = (thing: Thing): Execution | undefined => thing.pending.find(({ status }) => status === 'IN_PROGRESS') ?? thing.pending[0];

const stateOf = ({ status, statusDetails, versionNumber }: Execution): JobExecutionState => ({ status, statusDetails, versionNumber });

const isOtherExecution = (execution: Execution, request: JobsRequest): boolean =>
	request.executionNumber !== undefined && request.executionNumber !== execution.executionNumber;

const notFound = (thing: string, jobId: string): Refusal => ({ code: 'ResourceNotFound', message: `${thing} has no such execution of job ${jobId}` });

const encodeToken = (clientToken: string | undefined): string | undefined => (clientToken === undefined ? undefined : JSON.stringify(clientToken));
