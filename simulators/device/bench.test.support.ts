import type { BlackstartEvent } from '../../harness/events/index.js';
import { GOOD_LINK, type LinkConditions } from '../../harness/faults/index.js';
import { PageStore } from '../../harness/flash/index.js';
import type { Release, ReleaseImage } from '../../harness/firmware/index.js';
import { isTerminal, type JobStatus } from '../../harness/protocols/index.js';
import { type Clock, openVirtualWorld, type VirtualWorld } from '../../harness/time/index.js';
import { type Cloud, openCloud } from '../cloud/index.js';
import { provisionDevice } from '../fleet/provision.js';
import { Shelf } from '../fleet/release-shelf.js';
import { createLink, type Link, type MqttSession, openMqttJsSession, openPacketSession, type SessionHandlers } from '../network/index.js';
import type { Connection } from './connection.js';
import { Device } from './device.js';
import { type DeviceParts, RIGHT_PARTS } from './device-parts.js';
import { encodeUpdateDocument } from './job-document.js';
import { FLEET_PROFILES, type Profile } from './profile.js';
import { CachingSlotReader } from './slot-reader.js';
import { SettingsStore } from './storage/index.js';

export type EventOf<Kind extends BlackstartEvent['kind']> = Extract<BlackstartEvent, { kind: Kind }>;

/** A message as the device sent it. */
export interface Sent {
	readonly at: number;
	readonly topic: string;
	readonly payload: Uint8Array;
}

export interface BenchOptions {
	readonly profile?: Profile;
	readonly link?: LinkConditions;
	readonly reference?: boolean;
	readonly seed?: string;
	readonly parts?: Partial<DeviceParts>;
}

/** One device in a world of its own, with a real service behind a real link, and a tap on what both say to each other. */
export class Bench {
	readonly clock: Clock;
	readonly cloud: Cloud;
	readonly device: Device;
	readonly slots: CachingSlotReader;
	readonly releases: Shelf;
	readonly events: BlackstartEvent[] = [];
	readonly sent: Sent[] = [];
	readonly sessions: MqttSession[] = [];
	readonly links: Link[] = [];
	/** False: the broker never gets it. */
	onSend: (message: Sent) => boolean = () => true;
	/** False: the device never gets it. */
	onReceive: (topic: string, payload: Uint8Array) => boolean = () => true;
	readonly #world: VirtualWorld;
	readonly #link: LinkConditions;
	#handlers: SessionHandlers | undefined;
	#jobs = 0;

	constructor(world: VirtualWorld, cloud: Cloud, { profile = FLEET_PROFILES[0] as Profile, link = GOOD_LINK, reference = false, parts = {} }: BenchOptions) {
		this.#world = world;
		this.#link = link;
		this.clock = world.clock;
		this.cloud = cloud;
		this.slots = new CachingSlotReader([]);
		this.releases = new Shelf({ profiles: [profile], random: world.random('releases'), onHarnessKey: (key) => this.slots.trust(key.verifyingKey) });
		this.device = new Device({
			id: 'device-1',
			profile,
			random: world.random('device-1'),
			password: 'secret',
			reference,
			surroundings: {
				clock: world.clock,
				store: new PageStore({ pageSizeBytes: 1024 }),
				record: (event) => void this.events.push(event),
				slots: this.slots,
				parts: { ...RIGHT_PARTS, ...parts },
				dial: () => this.#dial(),
				onRestChanged: () => undefined,
			},
		});
		provisionDevice(this.device, { installed: this.releases.installed(), imaged: new Map() });
	}

	run<Result>(main: () => Promise<Result>): Promise<Result> {
		return this.#world.run(main);
	}

	sleep(delayMs: number): Promise<void> {
		return this.run(() => this.clock.sleep(delayMs));
	}

	until(condition: () => boolean, label: string, withinMs = 6 * 3_600_000): Promise<void> {
		return this.run(() => this.clock.until(condition, { withinMs, label }));
	}

	/** Switches on and waits until there is nothing to do. */
	async start(): Promise<void> {
		this.device.powerOn();
		await this.rest();
	}

	rest(): Promise<void> {
		return this.until(() => this.device.atRest, 'the device to rest');
	}

	/** Waits until the service holds the job ended and the device has nothing to do. */
	end(job: string): Promise<void> {
		return this.until(() => isTerminal(this.status(job) ?? 'QUEUED') && this.device.atRest, `${job} to end`);
	}

	imageOf(release: Release): ReleaseImage {
		return release.images[0] as ReleaseImage;
	}

	/** The standard document of an image, with members of the file or of the whole replaced. */
	document(job: string, image: ReleaseImage, file: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
		const { hardware, digest, bytes } = image;
		const document = encodeUpdateDocument({ stream: job, fileId: 0, sizeBytes: bytes.length, version: '9.9.9', hardware, digest, keySets: [] });
		const ota = document['afr_ota'] as { files: Record<string, unknown>[] };
		ota.files[0] = { ...ota.files[0], ...file };
		return document;
	}

	/** Sends an image out as a job, under a document of one's own where given. */
	deploy(image: ReleaseImage, options: { readonly file?: Readonly<Record<string, unknown>>; readonly document?: unknown } = {}): string {
		const job = `job-${++this.#jobs}`;
		this.slots.addReleased({ digest: image.digest, sizeBytes: image.bytes.length });
		this.cloud.publishFile(job, [{ fileId: 0, bytes: image.bytes }]);
		this.cloud.createJob({ jobId: job, document: options.document ?? this.document(job, image, options.file), things: [this.device.id] });
		return job;
	}

	/** Gives the device a message as its MQTT client would. */
	inject(topic: string, payload: Uint8Array | object, options: { readonly retained?: boolean } = {}): void {
		const bytes = payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload));
		this.#handlers?.onMessage(topic, bytes, options.retained ?? false);
	}

	/** Answers a request in place of the service: to be called from `onSend`, which then returns false. */
	refuse({ topic, payload }: Sent, code: string): void {
		const { clientToken } = JSON.parse(Buffer.from(payload).toString()) as { readonly clientToken: string };
		this.clock.after(20, () => this.inject(`${topic}/rejected`, { code, message: 'refused by the test', clientToken, timestamp: 1 }));
	}

	eventsOf<Kind extends BlackstartEvent['kind']>(kind: Kind): readonly EventOf<Kind>[] {
		return this.events.filter((event): event is EventOf<Kind> => event.kind === kind);
	}

	slotBytes(slot: 'a' | 'b'): Buffer {
		const { layout } = this.device.profile;
		const { offsetBytes, sizeBytes } = slot === 'a' ? layout.slotA : layout.slotB;
		return Buffer.from(this.device.flash.read(offsetBytes, sizeBytes));
	}

	/** Schemas whose settings lie in flash. */
	get settingsSchemas(): readonly number[] {
		const { flash, profile } = this.device;
		return new SettingsStore({ flash, areas: profile.layout.settings }).schemas();
	}

	status(job: string): JobStatus | null {
		return this.cloud.jobStatus(this.device.id, job);
	}

	reason(job: string): string | undefined {
		return this.cloud.execution(this.device.id, job)?.statusDetails['reason'];
	}

	#dial(): Connection {
		const link = createLink({ clock: this.clock, random: this.#world.random(`link-${this.sessions.length}`), conditions: this.#link });
		this.links.push(link);
		this.cloud.accept(link.brokerEnd);
		return { link, open: ({ password }, handlers) => this.#open({ stream: link.deviceEnd, password }, handlers) };
	}

	#open({ stream, password }: { readonly stream: Connection['link']['deviceEnd']; readonly password: string }, handlers: SessionHandlers): MqttSession {
		const { device, clock } = this;
		this.#handlers = {
			...handlers,
			onMessage: (topic, payload, retained) => this.onReceive(topic, payload) && handlers.onMessage(topic, payload, retained),
		};
		const openSession = device.reference ? openMqttJsSession : openPacketSession;
		const options = { stream, clientId: device.id, username: device.id, password, keepaliveS: device.profile.keepaliveS, clean: true, clock };
		const session = openSession(options, this.#handlers);
		const publish = session.publish.bind(session);
		session.publish = (topic, payload, publishOptions, done) => {
			const message = { at: clock.nowMs, topic, payload: Buffer.from(payload) };
			this.sent.push(message);
			if (this.onSend(message)) publish(topic, payload, publishOptions, done);
		};
		this.sessions.push(session);
		return session;
	}
}

/** Runs `body` on a device of its own; one at a time in a process. */
export const withBench = async (options: BenchOptions, body: (bench: Bench) => Promise<void>): Promise<void> => {
	const world = openVirtualWorld({ seed: options.seed ?? 'bench' });
	try {
		const cloud = await world.run(() =>
			openCloud({ clock: world.clock, credentials: (thing, password) => thing === 'device-1' && Buffer.from(password).toString() === 'secret' }),
		);
		const bench = new Bench(world, cloud, options);
		await body(bench);
		bench.device.abandon();
		await world.run(async () => cloud[Symbol.asyncDispose]());
	} finally {
		world[Symbol.dispose]();
	}
};

/** The topic of a job's own requests. */
export const isRequest = ({ topic }: Sent, name: 'update' | 'get' | 'start-next'): boolean => topic.includes('/jobs/') && topic.endsWith(`/${name}`);
