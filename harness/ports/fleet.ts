import type { AbortOrder, CampaignOutcome, CampaignPlan, CampaignStore, RolloutPlan, RolloutResult } from '../campaign/index.js';
import type { DeviceOutcome, DeviceState } from '../events/index.js';
import type { DeviceFault, FaultKind, FleetFault, IdentityFault, LinkConditions, ServiceFault } from '../faults/index.js';
import type { ImageBehaviour, ImageDefect, Release } from '../firmware/index.js';

/** A fleet as scenarios see it: many devices, one update service, and the faults that can be done to both. */
export interface FleetPort {
	readonly devices: readonly FleetDevice[];
	readonly releases: ReleaseShelf;
	/** Virtual milliseconds since the world opened. */
	readonly nowMs: number;
	sleep(delayMs: number): Promise<void>;
	/** Waits until every device runs and is idle, with its first report made; rejects with what each straggler waits for. */
	ready(options: { readonly withinMs: number }): Promise<void>;
	/** Waits until no device has work left: updated, reverted, refused or untouched, and reported. Stragglers are left to the invariants, not thrown. */
	settle(options: { readonly withinMs: number }): Promise<void>;
	/** Sends a release to devices at once, as one job. */
	deploy(release: Release, options?: DeployOptions): Promise<Deployment>;
	/** Takes a deployment back from devices, all of its own by default: where it is queued, and with `force` where it has begun too. */
	cancel(deployment: Deployment, options?: { readonly devices?: readonly FleetDevice[]; readonly force?: boolean }): Promise<void>;
	/** Sends a release out in waves, each behind a gate. */
	rollout(release: Release, plan: RolloutPlan): Promise<RolloutResult>;
	/** Carries out a campaign plan. Without a release it is the one under test; rejects with a CampaignKilledError where its controller is killed. */
	campaign(plan: CampaignPlan, options?: FleetCampaignOptions): Promise<CampaignOutcome>;
	/** Has more devices join: provisioned, powered on, online and idle when it resolves. */
	enrol(count: number): Promise<readonly FleetDevice[]>;
	/** Faults of that kind that took effect so far. */
	faultsFired(kind: FaultKind): number;
	/**
	 * Has releases made from now on signed with another key, and sends the key set that says so along with every job; the key
	 * before is revoked. `forged`: the set is signed by a stranger and names the stranger's key; releases stay signed as they were.
	 */
	rotateKeys(options?: { readonly forged?: boolean }): void;
	/** Arms a fault on one device; evidence is recorded when it fires. */
	arm(device: FleetDevice, fault: DeviceFault | IdentityFault): void;
	/** Has a person write a release's image into one of a device's slots over a programmer, so long from now. */
	flashByHand(device: FleetDevice, options: { readonly release: Release; readonly slot: 'running' | 'idle'; readonly afterMs: number }): void;
	/** Arms a fault on the service. */
	armService(fault: ServiceFault): void;
	/** Arms a fault on many devices at once; throws a RangeError for a segment that no place of the fleet names. */
	armFleet(fault: FleetFault): void;
	/** Over TLS: has a device show another certificate from its next connection on, which is at once. Throws a RangeError where there is no TLS. */
	showCertificate(device: FleetDevice, certificate: ShownCertificate): void;
	/** Over TLS: connections that the broker refused for their certificates, by what it has against them. */
	readonly refusedCertificates: ReadonlyMap<string, number>;
	/** Over TLS: has the broker show another certificate from now on; every device connects anew. Throws a RangeError where there is no TLS. */
	showBrokerCertificate(certificate: ShownBrokerCertificate): void;
	/** Over TLS: connections that devices gave up for the broker's certificate, by what they have against it. */
	readonly refusedBrokers: ReadonlyMap<string, number>;
	/** Sets every device's link, or those given. */
	setLink(conditions: LinkConditions, devices?: readonly FleetDevice[]): void;
}

/** `rotated`: a new key and certificate, its old one called back. `wrong-name`: of another device. `stranger`: of another authority that bears the same name. */
export type ShownCertificate = 'rotated' | 'expired' | 'not-yet-valid' | 'wrong-name' | 'stranger' | 'revoked';

/** `rightful`: its own again. `rotated`: a new key and certificate of its own. The others as those of devices. */
export type ShownBrokerCertificate = 'rightful' | 'rotated' | 'expired' | 'not-yet-valid' | 'wrong-name' | 'stranger';

export interface DeployOptions {
	/** All by default. */
	readonly devices?: readonly FleetDevice[];
	/** A deployment that is taken back from them first, begun or not. */
	readonly supersedes?: Deployment;
	/** After so long devices that have a clock of the day begin it no more: by the service's word, and by the signed statement where one goes along. */
	readonly expiresAfterMs?: number;
}

/** A release on its way to devices, as `deploy` gives it. */
export interface Deployment {
	readonly job: string;
}

export interface FleetDevice {
	readonly id: string;
	readonly profile: string;
	readonly hardware: string;
	readonly state: DeviceState;
	/** Version of the running image, null while none runs. */
	readonly version: string | null;
	readonly outcome: DeviceOutcome;
	/** Since provisioning; used to lay faults over a clean run. */
	readonly flashOperations: number;
	/** Received and sent by the application since provisioning. */
	readonly messages: number;
	readonly boots: number;
	/** Why its newest job failed, as the service has it; undefined where it did not. */
	readonly reportedReason: string | undefined;
	/** What one block of a download brings at most. */
	readonly blockSizeBytes: number;
}

export interface FleetOptions {
	/** Default: the run's `--devices`. */
	readonly devices?: number;
	/** Hardware profiles, dealt out in turn; behind a slash another bootloader than their own: `sensor/mcuboot-swap-move`. Default: all, or the smallest that fits where the user brought an image. */
	readonly profiles?: readonly string[];
	readonly link?: LinkConditions;
	/** Share of the devices whose MQTT client is MQTT.js in place of mqtt-packet, 0-1. */
	readonly referenceShare?: number;
	/** Runs on images that MCUboot's imgtool signed: what is installed at the start, and the release under test, by file name in the vectors. */
	readonly vectors?: { readonly installed: string; readonly candidate: string };
	/** Hardware and where it stands, dealt out by share. Default: `profiles` in turn, in no segment. */
	readonly places?: readonly FleetPlace[];
	/** How often a device that is online reports itself. Default: after each connection alone. */
	readonly reportEveryMs?: number;
	/** What devices run at the start, in place of 1.0.0 with the security counter 5. */
	readonly installed?: { readonly version: string; readonly securityCounter: number };
	/** So many devices, the first to join, run something older at the start than their places say. */
	readonly drifted?: number;
	/** Share of the devices whose hardware fails the self-test of any new image, 0-1. */
	readonly weakRatio?: number;
	/** What the clock says when the world opens, milliseconds since the epoch. Default: 2026-01-01T00:00Z. */
	readonly startEpochMs?: number;
	/** How often an idle device pings its broker, at the latest, in seconds. Default: what its hardware does. AWS IoT Core takes 30 to 1200. */
	readonly keepaliveS?: number;
	/**
	 * Connections need certificates on both sides, and devices judge the service's by a clock of their own. Jobs of images that the
	 * harness signs are begun only with a statement, signed too, of what they bring and until when. Default: neither.
	 */
	readonly certificates?: CertificateOptions;
	/** Whether the broker keeps what is sent to a device that is away, for its return. Default: `clean`. */
	readonly sessions?: 'clean' | 'lasting';
	/** Whether devices say when they are online, and leave a last will for when they no longer are. Default: they do not. */
	readonly presence?: boolean;
	/**
	 * Runs on the harness's own images even where the user brought one: for what needs another behaviour, or a variant
	 * signed by a key that devices trust. The report says which images a case ran on.
	 */
	readonly harnessImages?: boolean;
	/** Size of the harness's own images in blocks of a download, where a release does not say its own. Default: 16.5. */
	readonly imageBlocks?: number;
	/** How images come to devices: in blocks over the broker, or by URL from a server of their own, over HTTPS. Default: `blocks`. */
	readonly imagesBy?: 'blocks' | 'url';
	/**
	 * What devices and their update service speak with each other. Default: `aws-iot`, Jobs and MQTT file streams. The others bring
	 * what they have: `hawkbit` and `mender` are polled over HTTP and give images by URL, `thingsboard` gives them in chunks over
	 * MQTT. They go without certificates, presence, lasting sessions and `imagesBy`, and know `artifacts-wrong` and
	 * `broker-restart` of the service's faults.
	 */
	readonly protocol?: UpdateProtocol;
}

export const UPDATE_PROTOCOLS = ['aws-iot', 'hawkbit', 'mender', 'thingsboard'] as const;
export type UpdateProtocol = (typeof UPDATE_PROTOCOLS)[number];

/** How long certificates hold. A device renews its own, the service changes its own, when a third of that is left. */
export interface CertificateOptions {
	/** From its issue; 365 by default. */
	readonly deviceDays?: number;
	/** 365 by default. */
	readonly serverDays?: number;
	/** Whether devices reach a time server (SNTP). Default: they do. */
	readonly timeSource?: boolean;
}

/** Devices of one hardware revision in one network segment. */
export interface FleetPlace {
	/** One of the catalogue's, or any other name: a plain device that takes images without a hardware class. */
	readonly hardware: string;
	readonly segment?: string;
	/** In relation to the other places; 1 by default. */
	readonly share?: number;
	/** Ids of its devices, all of which come before any that is dealt out. Default: as many as its share says. */
	readonly devices?: readonly string[];
	/** The largest image its slots must hold, bytes: makes it a plain device whatever its name. */
	readonly holdsBytes?: number;
	/** What its devices call themselves; by default what their hardware is called. */
	readonly model?: string;
	/** Version that its devices run at the start, where it is not the fleet's. */
	readonly installed?: string;
}

export interface FleetCampaignOptions {
	readonly release?: Release;
	/** Where the campaign's state is kept, for a controller that goes on where this one is killed. */
	readonly store?: CampaignStore;
	/** Kills the controller so long after its start. */
	readonly killAfterMs?: number;
	/** A person orders it to stop, so long after its start. */
	readonly abort?: AbortOrder & { readonly afterMs: number };
	/** False: the controller has no keys to hold the release against before it sends it. */
	readonly preflight?: boolean;
}

/** Where a scenario gets releases from. Images are real: bytes, hash, signature. */
export interface ReleaseShelf {
	/** What devices run at the start. */
	installed(): Release;
	/** The release under test: the user's image, or the harness's own healthy version. */
	candidate(options?: CandidateOptions): Release;
	/** A release that is signed and behaves so when it runs: on all hardware, or on that revision while it is healthy on the others. */
	behaving(behaviour: ImageBehaviour, options?: { readonly onlyOn?: string }): Release;
	/** A variant of the candidate that must never run. */
	forbidden(defect: ImageDefect): Release;
	/** A release that is signed well, with the key before the newest rotation. */
	revoked(): Release;
	/** Images signed by MCUboot's own imgtool, by file name in the vectors. */
	vector(file: string): Release;
}

export interface CandidateOptions {
	readonly sizeBytes?: 'fills-slot' | number;
	/** Keeps the security counter of what is installed, so that devices may be sent back to it. */
	readonly revocable?: boolean;
}
