import type { Flash } from '../../harness/flash/index.js';
import { type DeviceExecution, encodePresence, type Presence } from '../../harness/protocols/index.js';
import { type Bootloader, type BootloaderName, type BootloaderOptions, createBootloader, type SecurityCounter } from '../bootloader/index.js';
import type { Agent } from './agent.js';
import type { Device } from './device.js';
import { handOver } from './hand-over.js';
import { Identity } from './identity.js';
import { type DownloadedImage, objectionToImage } from './image-gate.js';
import { Installation } from './installation.js';
import type { UpdateDocument } from './job-document.js';
import { KeyRing, type KeyRingOptions } from './key-ring.js';
import { OneWayCounter } from './one-way-counter.js';
import { reportOutcome } from './outcome-report.js';
import type { Layout } from './profile.js';
import { heedNotice } from './heed-notice.js';
import { firstDialDelayMs, provedItself, reconnectDelayMs } from './reconnect-delay.js';
import { deviceReport, firstReportDelayMs } from './report.js';
import type { RunningImage } from './running-image.js';
import { objectionToStatement } from './statement-gate.js';
import { SlotWriter, type SlotWriterOptions } from './slot-writer.js';
import { SettingsStore, type UpdateOutcome } from './storage/index.js';
import { Trial } from './trial.js';
import { WallClock, type WallClockOptions } from './wall-clock.js';

/**
 * What a device is made of. `RIGHT_PARTS` is how a careful team builds it; the proofs that every invariant can be broken
 * put one wrong part in place of a right one.
 */
export interface DeviceParts {
	createBootloader(options: BootloaderOptions, name: BootloaderName): Bootloader;
	createCounter(): SecurityCounter;
	createSettings(options: { readonly flash: Flash; readonly areas: Layout['settings'] }): SettingsPart;
	createKeyRing(options: KeyRingOptions): KeyRingPart;
	createInstallation(agent: Agent, execution: DeviceExecution): InstallationPart;
	createWriter(device: Device, options: SlotWriterOptions): WriterPart;
	/** What speaks against beginning an update, by how long it is good for and by what its signer says of it; undefined: nothing. */
	objectionToStatement(device: Device, update: UpdateDocument): string | undefined;
	/** What speaks against a trial of a downloaded image; undefined: nothing. */
	objectionToImage(device: Device, image: DownloadedImage): string | undefined;
	/** From the requested trial to the reboot. */
	handOver(agent: Agent, execution: DeviceExecution): void;
	/** Decides whether an image on trial is fit to stay; `job` is absent where no job asked for the trial. */
	createTrial(agent: Agent, job: string | undefined): TrialPart;
	/** Tells the service how an update ended, then looks for work. */
	reportOutcome(agent: Agent, outcome: UpdateOutcome): void;
	/** How long a device waits before it dials again, after so many connections that came to nothing. */
	reconnectDelayMs(device: Device, failures: number): number;
	/** Whether a connection that is over had proved itself, so that the waits begin anew. */
	provedItself(connection: PastConnection): boolean;
	/** How long a device that has booted waits before it dials for the first time. */
	firstDialDelayMs(device: Device): number;
	/** How long a device that has booted waits before its timer has it report itself, where it does so once in `everyMs`. */
	firstReportDelayMs(device: Device, everyMs: number): number;
	createWallClock(options: WallClockOptions): WallClock;
	/** What its program does about certificates. */
	createIdentity(agent: Agent): IdentityPart;
	/** What it says of its connection, and has the broker say when that is dead. */
	presence(device: Device, presence: Presence): Uint8Array;
	/** Takes the service's notice of what comes next in a device that installs nothing and is not on trial; undefined: nothing does. */
	heedNotice(agent: Agent, execution: DeviceExecution | undefined): void;
	/** What it tells of itself, as the service reads it. */
	report(device: Device, image: RunningImage): Uint8Array;
}

/** A connection that is over. */
export interface PastConnection {
	/** Whether the service was heard on it. */
	readonly heard: boolean;
	/** From the broker's welcome to the end. */
	readonly lastedMs: number;
}

export type SettingsPart = Pick<SettingsStore, 'read' | 'write' | 'dropOlder' | 'dropNewer' | 'schemas'>;
export type KeyRingPart = Pick<KeyRing, 'current' | 'follow'>;
export type InstallationPart = Pick<Installation, 'start' | 'resume' | 'receive' | 'nextChanged'>;
export type TrialPart = Pick<Trial, 'start' | 'online'>;
export type IdentityPart = Pick<Identity, 'start' | 'shakeHands' | 'connectionEnded' | 'renewIfDue' | 'receive'>;
export type WriterPart = Pick<SlotWriter, 'slot' | 'blocksPerChunk' | 'begin' | 'hasBlock' | 'write'>;

export const RIGHT_PARTS: DeviceParts = {
	createBootloader: (options, name) => createBootloader(name, options),
	createCounter: () => new OneWayCounter(),
	createSettings: (options) => new SettingsStore(options),
	createKeyRing: (options) => new KeyRing(options),
	createInstallation: (agent, execution) => new Installation(agent, execution),
	createWriter: (device, options) => new SlotWriter(device, options),
	objectionToStatement,
	objectionToImage,
	handOver,
	createTrial: (agent, job) => new Trial(agent, job),
	reportOutcome,
	reconnectDelayMs,
	provedItself,
	firstDialDelayMs,
	firstReportDelayMs,
	createWallClock: (options) => new WallClock(options),
	createIdentity: (agent) => new Identity(agent),
	presence: (_device, presence) => encodePresence(presence),
	heedNotice,
	report: deviceReport,
};
