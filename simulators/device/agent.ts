import type { Duplex } from 'node:stream';
import {
	certificateTopic,
	type DeviceExecution,
	jobAnswerFilters,
	JobsClient,
	type JobsReply,
	type Presence,
	presenceTopic,
	reportTopic,
} from '../../harness/protocols/index.js';
import type { Random, Timer } from '../../harness/time/index.js';
import { DownloadError } from '../cloud/artifacts/index.js';
import type { Link, MqttSession, SessionWill } from '../network/index.js';
import { CHARGE_EVERY_MS } from './battery.js';
import type { Connection } from './connection.js';
import type { Device } from './device.js';
import type { IdentityPart, InstallationPart, TrialPart } from './device-parts.js';
import type { RunningImage } from './running-image.js';
import { type UpdateOutcome, UpdateJournal } from './storage/index.js';
import { LEAK_LASTS_MS, WEARS_EVERY_MS } from './report.js';
import { readSettings } from './truth.js';

const RETRY_WITHIN_MS = 60_000;
/** An answer that takes longer is not coming: the connection is given up. Each wait has its own length, so that a fleet that asked at one moment does not give up at one moment. */
const ANSWER_WITHIN_MS = 30_000;
const ANSWER_SPREAD_MS = 15_000;

export interface AgentLife {
	readonly image: RunningImage;
	readonly slot: 'a' | 'b';
	readonly trial: boolean;
	readonly reverted: boolean;
}

/**
 * The program of the image that runs: it keeps a connection to the update service, takes jobs from it, installs
 * what they bring, and on a trial decides whether the new image is fit to stay. It lives from one boot to the next
 * reset; what must outlive it lies in flash.
 */
export class Agent {
	readonly device: Device;
	readonly life: AgentLife;
	readonly jobs: JobsClient;
	readonly journal: UpdateJournal;
	#connection: Connection | undefined;
	#session: MqttSession | undefined;
	/** Besides the one to the broker. */
	readonly #links = new Set<Link>();
	/** Connections since one that proved itself. */
	#failures = 0;
	/** Connections of this life. */
	#connections = 0;
	#connectedAtMs: number | undefined;
	#heard = false;
	readonly #patience: Random;
	#deadline: Timer | undefined;
	#again: Timer | undefined;
	#trialDeadline: Timer | undefined;
	#installation: InstallationPart | undefined;
	#trial: TrialPart | undefined;
	/** Undefined: connections need no certificates. */
	#identity: IdentityPart | undefined;

	constructor(device: Device, life: AgentLife) {
		this.device = device;
		this.#patience = device.random.stream(`patience/${device.tally.boots}`);
		this.life = life;
		this.journal = new UpdateJournal({ flash: device.flash, area: device.profile.layout.journal });
		this.jobs = new JobsClient({ thing: device.id, tokenPrefix: `${device.tally.boots}-`, send: (topic, payload) => this.send(topic, payload) });
		if (device.surroundings.trust !== undefined) {
			this.#identity = device.parts.createIdentity(this);
			this.jobs.onTime = (epochMs) => device.wallClock.heard(epochMs);
		}
		this.jobs.onNextChanged = (execution) => this.#nextChanged(execution);
	}

	get image(): RunningImage {
		return this.life.image;
	}

	get connected(): boolean {
		return this.#session?.connected ?? false;
	}

	start(): void {
		const { device, image } = this;
		if (this.life.trial) this.#trialDeadline = device.after(device.profile.timings.trialDeadlineMs, () => device.reset('watchdog'));
		if (image.behaviour === 'crashes-at-boot') return device.reset('crash');
		if (image.behaviour === 'hangs-at-boot') {
			device.after(device.profile.timings.watchdogMs, () => device.reset('watchdog'));
			return;
		}
		if (image.behaviour === 'crashes-after-minutes') device.after(CRASH_AFTER_MS, () => device.reset('crash'));
		if (image.behaviour === 'wears-flash') this.#wearFlash();
		if (image.behaviour === 'leaks-memory') device.after(LEAK_LASTS_MS, () => device.reset('crash'));
		this.#identity?.start();
		this.#reportNowAndThen();
		this.#migrateSettings();
		this.#reconcile();
		this.#connectAfter(device.parts.firstDialDelayMs(device));
	}

	/** Opens a connection to where images lie; throws a DownloadError where its server is not to be believed. */
	dialArtifacts(url: URL): Duplex {
		const { device } = this;
		const { artifacts } = device.surroundings;
		if (!artifacts) throw new DownloadError('refused', `${url.href}: this device has no way there`);
		const { link, stream } = artifacts.dial(device, url);
		this.#links.add(link);
		stream.once('close', () => this.#links.delete(link));
		return stream;
	}

	/** This life is over: the connections go without a word. */
	stop(): void {
		this.#connection?.link.losePower();
		for (const link of this.#links) link.losePower();
		this.#session?.destroy();
		this.#session = undefined;
	}

	send(topic: string, payload: Uint8Array, qos: 0 | 1 = 1): void {
		if (!this.#session) return;
		this.device.faults.countMessage();
		if (qos > 0) this.device.tally.requests++;
		this.#session?.publish(topic, payload, { qos });
	}

	/** Waits for an answer; without one in time the connection is given up and tried anew. */
	awaitAnswer<Answer extends unknown[]>(then: (...answer: Answer) => void): (...answer: Answer) => void {
		this.#deadline?.cancel();
		const withinMs = ANSWER_WITHIN_MS + this.#patience.integer(ANSWER_SPREAD_MS);
		const deadline = this.device.after(withinMs, () => this.reconnect());
		this.#deadline = deadline;
		return (...answer) => {
			deadline.cancel();
			then(...answer);
		};
	}

	/** Drops the connection and dials again after a random wait. */
	reconnect(): void {
		this.#session?.destroy();
		this.#closed();
	}

	reportItself(): void {
		this.send(reportTopic(this.device.id), this.device.parts.report(this.device, this.image));
	}

	/** Telemetry, where the fleet asks for it. */
	#reportNowAndThen(): void {
		const { surroundings, parts } = this.device;
		const { reportEveryMs, onRoutine } = surroundings;
		if (reportEveryMs === undefined) return;
		const reportAfter = (delayMs: number): void =>
			void this.device.after(delayMs, () => {
				if (this.connected) {
					this.reportItself();
					onRoutine?.();
				}
				reportAfter(reportEveryMs);
			});
		reportAfter(parts.firstReportDelayMs(this.device, reportEveryMs));
	}

	#wearFlash(): void {
		const { device } = this;
		device.after(WEARS_EVERY_MS, () => {
			device.floor.keep(Math.max(device.wallClock.epochMs, device.floor.read()));
			this.#wearFlash();
		});
	}

	/** Looks for work: an outcome to report first, then the next job. */
	work(): void {
		this.#again?.cancel();
		if (!this.connected || this.#installation || this.#trial) return;
		const outcome = this.device.outcome.pending();
		if (outcome) return this.device.parts.reportOutcome(this, outcome);
		if (this.device.battery?.isTooLow) return this.#waitForCharge();
		this.jobs.startNext(
			{},
			this.awaitAnswer((reply: JobsReply) => this.#takeJob(reply)),
		);
	}

	/** Begins with a job that the service has given out. */
	install(execution: DeviceExecution): void {
		this.device.setAtRest(false);
		this.#installation = this.device.parts.createInstallation(this, execution);
		this.#installation.start();
	}

	/** Looks for work after a random wait, unless something else has it look before. */
	workLater(withinMs: number): void {
		this.#again?.cancel();
		this.#again = this.device.after(1 + this.device.random.integer(withinMs), () => this.work());
	}

	/** What the service has for it stays there, so that an operator can still take it back. */
	#waitForCharge(): void {
		this.rest();
		this.#again = this.device.after(CHARGE_EVERY_MS, () => {
			if (this.device.atRest) this.device.setAtRest(false);
			this.work();
		});
	}

	/** Nothing to do until the service says so. */
	rest(): void {
		this.#installation = undefined;
		this.device.setState('idle');
		this.device.setAtRest(true);
	}

	/** Puts an update's end where no power loss takes it away, then lets go of what it was made from. */
	finishJob(outcome: UpdateOutcome): void {
		const { reason } = outcome;
		this.device.outcome.record(reason === undefined ? outcome : { ...outcome, reason: reason.slice(0, LONGEST_REASON) });
		this.journal.clear();
	}

	/** The installation is over, one way or the other. */
	endInstallation(): void {
		this.#installation = undefined;
		this.work();
	}

	/** The trial image is confirmed: from here on it is the device's image. */
	trialPassed(): void {
		this.#trialDeadline?.cancel();
		this.#trial = undefined;
		this.work();
	}

	/** An image of a newer schema rewrites the settings for itself; the older ones stay readable until it is confirmed. */
	#migrateSettings(): void {
		const { device, image } = this;
		if (image.settingsSchema === 1 || device.settings.read(image.settingsSchema) !== 'unreadable') return;
		const settings = readSettings(device, image);
		if (settings === 'unreadable') return;
		const migrated = { ...settings, schema: String(image.settingsSchema) };
		device.truth.migrating(migrated, () => device.settings.write(migrated, image.settingsSchema));
	}

	/** Compares the journal of an update with what runs: it is on trial, has succeeded, has been reverted, or goes on. */
	#reconcile(): void {
		const { device, image } = this;
		const journal = this.journal.current();
		const runs = journal?.digest === image.digest;
		if (this.life.trial) {
			// Without a job it is an image that the bootloader could not tell from one on trial: it proves itself all the same.
			this.#trial = device.parts.createTrial(this, runs ? journal.job : undefined);
			this.#trial.start();
		}
		if (!journal) return this.#settleRevert();
		if (runs && this.life.trial) return;
		if (runs) {
			device.settings.dropOlder();
			this.finishJob({ job: journal.job, status: 'SUCCEEDED' });
		} else if (this.life.reverted || journal.phase === 'trial-requested') {
			device.tally.errors++;
			// Before its end is recorded: not every bootloader remembers that it gave an image up.
			device.settings.dropNewer(image.settingsSchema);
			this.finishJob({ job: journal.job, status: 'FAILED', reason: `reverted: ${device.resetCause}` });
			this.#settleRevert();
		}
	}

	/** Cleans up after an image that was given up, once its end is recorded; what power cuts short goes on at the next boot. */
	#settleRevert(): void {
		if (!this.life.reverted) return;
		this.device.settings.dropNewer(this.image.settingsSchema);
		this.device.bootloader.acknowledgeRevert();
	}

	#connectAfter(delayMs: number): void {
		this.device.setState(this.#trial ? 'testing' : 'connecting');
		if (delayMs === 0) this.#connect();
		else this.device.after(delayMs, () => this.#connect());
	}

	#connect(): void {
		const { device } = this;
		if (this.#identity?.shakeHands() === false) return this.#closed();
		const connection = device.surroundings.dial(device);
		this.#connection = connection;
		device.faults.attach(connection.link);
		const password = this.image.behaviour === 'cannot-connect' ? 'wrong' : device.password;
		this.#connections++;
		this.#heard = false;
		this.#connectedAtMs = undefined;
		const session: MqttSession = connection.open(
			{ password, ...(device.surroundings.presence ? { will: this.#will() } : {}) },
			{
				onConnected: () =>
					device.run(() => {
						this.#connectedAtMs = device.clock.nowMs;
						this.#subscribe(session);
					}),
				onMessage: (topic, payload, retained) => device.run(() => this.#receive(topic, payload, retained)),
				onClosed: (reason) =>
					device.run(() => {
						this.#identity?.connectionEnded(reason);
						this.#closed();
					}),
			},
		);
		this.#session = session;
	}

	#subscribe(session: MqttSession): void {
		// As AWS's own agent has it: a block that a lost connection takes along is asked for again anyway.
		const { id, profile, surroundings } = this.device;
		const streams = { filter: `$aws/things/${id}/streams/+/+/${profile.download.format}`, qos: 0 } as const;
		session.subscribe(
			[
				...[
					...this.jobs.subscriptions,
					...(surroundings.subscribesToAnswers ? jobAnswerFilters(id) : []),
					...(this.#identity === undefined ? [] : [certificateTopic(id)]),
				].map((filter) => ({ filter, qos: 1 }) as const),
				streams,
			],
			this.awaitAnswer((granted: boolean) => this.device.run(() => (granted ? this.#online() : this.reconnect()))),
		);
	}

	#will(): SessionWill {
		return { topic: presenceTopic(this.device.id), payload: this.#presence('offline'), qos: 1, retain: false };
	}

	#presence(state: Presence['state']): Uint8Array {
		const { device } = this;
		return device.parts.presence(device, { state, boot: device.tally.boots, connection: this.#connections });
	}

	#online(): void {
		if (this.device.surroundings.presence) this.send(presenceTopic(this.device.id), this.#presence('online'));
		this.reportItself();
		this.#identity?.renewIfDue();
		if (this.#trial) this.#trial.online();
		else if (this.#installation) this.#installation.resume();
		else this.work();
	}

	#receive(topic: string, payload: Uint8Array, retained: boolean): void {
		this.#heard = true;
		this.device.tally.bytesReceived += payload.length;
		this.device.faults.countMessage();
		if (this.#installation?.receive(topic, payload) || this.#identity?.receive(topic, payload)) return;
		this.jobs.receive(topic, payload, { retained });
	}

	#closed(): void {
		this.#session = undefined;
		this.device.download.cut();
		this.#deadline?.cancel();
		this.jobs.cancelPending();
		const { device } = this;
		const lastedMs = this.#connectedAtMs === undefined ? 0 : device.clock.nowMs - this.#connectedAtMs;
		if (device.parts.provedItself({ heard: this.#heard, lastedMs })) this.#failures = 0;
		this.#connectAfter(device.parts.reconnectDelayMs(device, this.#failures++));
	}

	#nextChanged(execution: DeviceExecution | undefined): void {
		if (this.#trial) return;
		if (this.#installation) return this.#installation.nextChanged(execution);
		this.device.parts.heedNotice(this, execution);
	}

	#takeJob(reply: JobsReply): void {
		if (!reply.accepted) {
			this.device.tally.errors++;
			this.workLater(RETRY_WITHIN_MS);
			return;
		}
		if (!reply.execution) {
			// What an earlier job left is of no use once the service has no job.
			this.journal.clear();
			return this.rest();
		}
		this.install(reply.execution);
	}
}

const CRASH_AFTER_MS = 180_000;
/** Characters: what an outcome's place in flash and a status detail have room for. */
const LONGEST_REASON = 256;
