/**
 * The run's single timeline: one object per thing that happened, discriminated on `kind`.
 *
 * Kinds that begin with `run-` belong to the runner and may hold wall time, paths and versions.
 * Everything else is the same, byte for byte, for the same seed: times are virtual milliseconds
 * since the world opened (`at`), and no path, version of ours or wall time appears.
 *
 * Boards live in real time: in a case that runs on a board, `at` is milliseconds of the rig's monotonic clock since the case
 * opened its first board, and neither instants nor what follows from them (`board-…`, `fault-…`, the `at` of steps) are the
 * same in another run. The choices drawn from the seed are.
 */
export type BlackstartEvent = RunEvent | ScenarioEvent | ExplorerEvent | FleetEvent | DeviceEvent | RolloutEvent | BoardEvent;

/** What a scenario came to. `failed`: the product is wrong. `errored`: the rig, harness or environment is. */
export type Verdict = 'passed' | 'failed' | 'errored' | 'inconclusive' | 'skipped';

/** Written by the runner or for it; may hold wall time, paths and versions. */
export type RunEvent =
	| {
			readonly kind: 'run-started';
			readonly id: string;
			readonly startedAt: string;
			readonly seed: string;
			readonly options: Readonly<Record<string, unknown>>;
			readonly versions: Readonly<Record<string, string>>;
			readonly scenarios: readonly string[];
	  }
	| { readonly kind: 'run-case-timing'; readonly scenario: string; readonly title: string; readonly startedAt: string; readonly wallMs: number }
	| {
			readonly kind: 'run-progress';
			readonly scenario: string;
			readonly title: string;
			readonly atMs: number;
			readonly states: Readonly<Record<string, number>>;
			readonly faultsFired: number;
	  }
	/** What the case comes to fails no run until that day, for somebody knows of it; it is run all the same. */
	| {
			readonly kind: 'run-quarantined';
			readonly scenario: string;
			readonly title: string;
			readonly owner: string;
			readonly reason: string;
			/** `2026-12-01`. */
			readonly until: string;
	  }
	/** A case that did not end well is run once more; `attempt` counts from 1, the first run. */
	| { readonly kind: 'run-retry'; readonly scenario: string; readonly title: string; readonly attempt: number }
	/** What replays a case: it may name files of the user's by their paths. */
	| { readonly kind: 'run-case'; readonly scenario: string; readonly title: string; readonly case: string }
	/** How far the search for a smaller case that fails has come. */
	| { readonly kind: 'run-shrinking'; readonly scenario: string; readonly title: string; readonly from: CaseSize; readonly to: CaseSize; readonly runs: number }
	/** A smaller case that fails like this one, or none. */
	| {
			readonly kind: 'run-shrunk';
			readonly scenario: string;
			readonly title: string;
			/** What replays the smaller case; absent where none was found. */
			readonly case?: string;
			/** Why the smaller case fails, as its own verdict says; why there is none where none could be looked for. */
			readonly reason?: string;
			readonly from: CaseSize;
			readonly to: CaseSize;
			/** Cases that were run to find it. */
			readonly runs: number;
			readonly wallMs: number;
			readonly end: ShrinkEnd;
	  }
	| { readonly kind: 'run-console'; readonly scenario: string; readonly title: string; readonly path: string }
	| { readonly kind: 'run-warning'; readonly message: string }
	| { readonly kind: 'run-ended'; readonly verdict: Verdict | 'interrupted'; readonly wallMs: number; readonly exitCode: number };

/** How much of a case takes part. */
export interface CaseSize {
	readonly devices: number;
	readonly faults: number;
	readonly waves: number;
}

/**
 * How the search for a smaller case ended. `minimal`: nothing more can be left out. `not-repeated`: the case did not fail again
 * in the same words, or what was found did not in a process of its own.
 */
export type ShrinkEnd = 'minimal' | 'out-of-time' | 'interrupted' | 'not-repeated';

/** One scenario() call of a scenario file. `scenario` is the file's name without ending: the promise it makes. */
export type ScenarioEvent =
	| { readonly kind: 'scenario-registered'; readonly scenario: string; readonly titles: readonly string[] }
	| {
			readonly kind: 'scenario-started';
			readonly scenario: string;
			readonly title: string;
			readonly target: string;
			readonly seed: string;
			readonly options: Readonly<Record<string, unknown>>;
	  }
	| { readonly kind: 'scenario-step'; readonly at: number; readonly text: string }
	| { readonly kind: 'scenario-evidence'; readonly name: string; readonly value: number | string }
	| { readonly kind: 'scenario-skipped'; readonly scenario: string; readonly title: string; readonly target: string; readonly reason: string }
	/** Which rows of the fault catalogue the case exercised, and how often in which phase of an update. Rows it did not exercise are left out. */
	| { readonly kind: 'fault-coverage'; readonly rows: readonly RowCoverage[] }
	| { readonly kind: 'invariant-judged'; readonly invariant: InvariantName; readonly checks: number; readonly violations: readonly Violation[] }
	| {
			readonly kind: 'scenario-ended';
			readonly scenario: string;
			readonly title: string;
			readonly verdict: Verdict;
			/** Why, in one line a person can act on; absent when passed. */
			readonly reason?: string;
			/** The long form: violations, stack of a harness error, story. */
			readonly detail?: string;
			readonly faults: readonly FaultCount[];
			/** Virtual time the scenario covered. */
			readonly virtualMs: number;
	  };

export interface FaultCount {
	readonly fault: string;
	readonly armed: number;
	readonly fired: number;
}

/** What a walk through a bootloader's states leaves for maps and charts; they lie between its `scenario-started` and `scenario-ended`. */
export type ExplorerEvent =
	/** One plain update, from the first erase to the return of what nobody confirmed, cut once at each operation and in each way; rows in the order of time. */
	| { readonly kind: 'explorer-cut-map'; readonly bootloader: string; readonly tears: string; readonly rows: readonly CutMapRow[] }
	/** One session of a device of the fleet, cut at each operation and each message; rows in that order. */
	| { readonly kind: 'explorer-session-map'; readonly tears: string; readonly rows: readonly SessionMapRow[] }
	/** How far away things are; an entry for each number of power losses, from 0 on. */
	| { readonly kind: 'explorer-depths'; readonly depths: readonly DepthCount[] }
	/** How long power must stay, counted in flash operations, for an update to get anywhere. */
	| { readonly kind: 'explorer-uptime'; readonly rows: readonly UptimeRow[] };

export interface CutMapRow {
	/** `write`: the application erases the other slot and writes the image; `update`: the boot that takes it; `return`: boots after it, unconfirmed. */
	readonly phase: 'write' | 'request' | 'update' | 'return';
	/** As in a case: `erase`, `write-1`, `trial`, `boot`. */
	readonly step: string;
	/** From 0, in its step. */
	readonly operation: number;
	readonly operationKind: 'program' | 'erase' | 'counter';
	/** As in a case: `after`: done; `half`, `prefix`, `bits`, `unreadable`, `disturbed`, `weak`: torn. */
	readonly tear: string;
	/** What runs once power is stable, and after how many of the tears tried, which differ by their seed. */
	readonly outcomes: Readonly<Partial<Record<CutOutcome, number>>>;
}

export interface SessionMapRow {
	readonly at: 'operation' | 'message';
	/** Flash operations and messages are each counted from 0, from the start of the session. */
	readonly place: number;
	/** As in a case; of a message `after`. */
	readonly tear: string;
	/** What the device was doing, and what power hit. */
	readonly state: DeviceState;
	readonly form: string;
	/** What became of the device, and after how many cuts there, a second one included; `broken`: it broke a promise. */
	readonly outcomes: Readonly<Partial<Record<DeviceOutcome | 'broken', number>>>;
}

/** `image-0` is the old one, `image-1` the update; `mix`: what runs is no released image; `none`: nothing runs, ever. */
export type CutOutcome = `image-${number}` | 'mix' | 'none' | 'trap' | 'endless';

export interface DepthCount {
	readonly cuts: number;
	/** Of flash, not reached with fewer. */
	readonly states: number;
	/** States with what is believed of the device and where it is, not reached with fewer. */
	readonly situations: number;
}

/** What resets leave of an update when they come again and again, each boot being cut after so many flash operations. */
export interface UptimeRow {
	/** `update`: the boot that takes it; `return`: the boots that give it back, unconfirmed. */
	readonly phase: 'update' | 'return';
	/** Flash operations where nothing resets it. */
	readonly operations: number;
	/** The fewest operations between two resets, such that with them and with any more it comes to its end; null: it never does. */
	readonly leastUptime: number | null;
	/** Boots until then, with so few. */
	readonly boots: number;
}

/** Where a device stands in an update, in the order of an update's phases. */
export type UpdatePhase = 'idle' | 'downloading' | 'installing' | 'booting' | 'testing' | 'reporting' | 'recovering';

export interface RowCoverage {
	/** Of the catalogue, such as `P3`. */
	readonly row: string;
	/** Times that it took effect; without any phase where the case as a whole stands for the row. */
	readonly phases: Readonly<Partial<Record<UpdatePhase, number>>>;
}

export type InvariantName =
	| 'bootable'
	| 'whole'
	| 'authentic'
	| 'no-downgrade'
	| 'trial'
	| 'settings'
	| 'truthful'
	| 'once'
	| 'converges'
	| 'thrifty'
	| 'gentle'
	| 'contained'
	| 'audited'
	| 'tidy';

export interface Violation {
	/** Absent when the violation is the fleet's or the service's. */
	readonly device?: string;
	readonly at: number;
	/** What was wanted and what came. */
	readonly message: string;
}

/** The world devices live in. */
export type FleetEvent =
	| { readonly kind: 'world-opened'; readonly at: number; readonly seed: string; readonly devices: number; readonly options: Readonly<Record<string, unknown>> }
	| {
			readonly kind: 'release-published';
			readonly at: number;
			/** Name of the release; one release may hold one image per hardware revision. */
			readonly release: string;
			readonly version: string;
			readonly hardware: string;
			/** SHA-256 of the exact bytes that devices install, hex. */
			readonly digest: string;
			readonly sizeBytes: number;
			/** The image's security counter; 0 where the image holds none. */
			readonly securityCounter: number;
			/** Whether devices of that hardware should ever run it, judged by the harness's own verifier with the devices' keys. */
			readonly authentic: boolean;
			/** Why not, when not authentic. */
			readonly rejection?: string;
			readonly origin: 'user' | 'harness' | 'imgtool';
			/** How the image behaves when it runs. A `bad` release must be contained. */
			readonly behaviour: string;
			readonly bad: boolean;
			/** What was made wrong with it, where something was: the reason why no device should run it. */
			readonly defect?: string;
	  }
	| { readonly kind: 'fault-armed'; readonly at: number; readonly fault: string; readonly device?: string; readonly count?: number; readonly detail?: string }
	| {
			readonly kind: 'fault-fired';
			readonly at: number;
			readonly fault: string;
			readonly device?: string;
			readonly count?: number;
			/** Which form of the fault it was, in a few fixed words, such as the operation, tear and area of flash of a power cut. */
			readonly form?: string;
			/** When it began, for a fault that lasted until `at`. */
			readonly since?: number;
			readonly detail?: string;
	  }
	| { readonly kind: 'broker-stopped' | 'broker-started'; readonly at: number; readonly sessions: 'kept' | 'lost' }
	| { readonly kind: 'service-stopped' | 'service-started'; readonly at: number }
	/** The service holds again what it held at `backupAt`; what went back with it was told just before. */
	| { readonly kind: 'service-restored'; readonly at: number; readonly backupAt: number }
	/** What the fleet asked of the service in the second before `at`. Told only in the time after an outage, and only where it asked anything. */
	| {
			readonly kind: 'fleet-load';
			readonly at: number;
			/** Attempts to connect, whatever became of them. */
			readonly connects: number;
			/** Messages that reached the service, requests for blocks of a download aside. */
			readonly requests: number;
			/** Devices that the outage cut off. */
			readonly affected: number;
			/** How long the outage had lasted. */
			readonly outageMs: number;
			/** The network segment that was cut off and is counted here, where it was not the whole fleet. */
			readonly segment?: string;
	  }
	/** A second client with the device's name and secret is gone: what their contest cost. */
	| {
			readonly kind: 'device-contended';
			readonly at: number;
			readonly device: string;
			readonly forMs: number;
			/** Times that the device took its place back. */
			readonly takenBack: number;
			/** Times that the device dialled. */
			readonly dials: number;
	  }
	/** The busiest second of what devices do by their own timers, told when the world closes. */
	| {
			readonly kind: 'fleet-routine';
			readonly at: number;
			/** How often each device reports itself. */
			readonly everyMs: number;
			readonly devices: number;
			/** Reports that fell due in that second. */
			readonly busiest: number;
			readonly busiestAt: number;
	  };

/** States a device passes through, as progress shows them. */
export type DeviceState = 'off' | 'booting' | 'connecting' | 'idle' | 'downloading' | 'installing' | 'testing' | 'bricked';

/** What a device had come to when the world closed. */
export type DeviceOutcome = 'updated' | 'reverted' | 'refused' | 'unchanged' | 'stuck' | 'bricked';

export type ResetCause = 'power-on' | 'power-loss' | 'brown-out' | 'watchdog' | 'crash' | 'update' | 'self-test-failed';

/** All truth here is read by the simulated world from the device's flash, never taken from what the device says. */
export type DeviceEvent =
	| {
			readonly kind: 'device-provisioned';
			readonly at: number;
			readonly device: string;
			readonly hardware: string;
			readonly digest: string;
			readonly version: string;
			readonly securityCounter: number /** SHA-256 of the settings as the device should read them. */;
			readonly settings: string;
	  }
	| { readonly kind: 'device-state'; readonly at: number; readonly device: string; readonly state: DeviceState }
	| { readonly kind: 'device-power'; readonly at: number; readonly device: string; readonly power: 'on' | 'off'; readonly cause?: ResetCause }
	| {
			readonly kind: 'device-boot';
			readonly at: number;
			readonly device: string;
			readonly cause: ResetCause;
			readonly slot: 'a' | 'b';
			readonly version: string;
			/** SHA-256 of the bytes of the running image as they lie in flash. */
			readonly digest: string;
			/** True where the bootloader counts this boot as a trial of an unconfirmed image. */
			readonly trial: boolean;
			/** True where this boot is the bootloader's return from a failed trial. */
			readonly reverted: boolean;
			/** The device's one-way security counter after the boot. */
			readonly securityCounter: number;
			/** SHA-256 of the settings as the running image reads them, or what is wrong with them. */
			readonly settings: string | 'unreadable';
	  }
	| { readonly kind: 'device-no-boot'; readonly at: number; readonly device: string; readonly cause: ResetCause; readonly reason: string }
	/** Told where the reason is another than the time before. `clock` is what the device takes for the time. */
	| { readonly kind: 'device-handshake-failed'; readonly at: number; readonly device: string; readonly clock: string; readonly reason: string }
	| { readonly kind: 'device-job'; readonly at: number; readonly device: string; readonly job: string; readonly digest: string }
	| { readonly kind: 'device-refused'; readonly at: number; readonly device: string; readonly job: string; readonly reason: string }
	| {
			readonly kind: 'device-downloaded';
			readonly at: number;
			readonly device: string;
			readonly job: string;
			readonly blocks: number /** Blocks that arrived, repeats included. */;
			readonly received: number /** Times a download went on after a cut of link or power. */;
			readonly resumes: number /** Most blocks that one request asks for. */;
			readonly window: number;
	  }
	/** A person wrote a slot over with a programmer; in the slot that runs, what was written is the device's image from here on. */
	| {
			readonly kind: 'device-flashed';
			readonly at: number;
			readonly device: string;
			readonly slot: 'a' | 'b';
			/** Whether it is the slot that the device runs from. */
			readonly runs: boolean;
			readonly digest: string;
	  }
	| {
			readonly kind: 'device-trial-requested';
			readonly at: number;
			readonly device: string;
			readonly digest: string;
			/** Its bootloader tries nothing: the image runs for good as soon as it runs. */
			readonly runsForGood?: true;
	  }
	| { readonly kind: 'device-confirmed'; readonly at: number; readonly device: string; readonly digest: string; readonly securityCounter: number }
	| { readonly kind: 'device-settings-changed'; readonly at: number; readonly device: string; readonly settings: string }
	| { readonly kind: 'device-reported'; readonly at: number; readonly device: string; readonly job: string; readonly status: string; readonly reason?: string }
	/** Truth against belief when the world closes. */
	| {
			readonly kind: 'device-audit';
			readonly at: number;
			readonly device: string;
			readonly running: string | null;
			readonly confirmed: boolean;
			readonly securityCounter: number;
			readonly settings: string | 'unreadable';
			readonly believedVersion: string | null;
			/** Terminal job status the service holds for the device's newest job, or null. */
			readonly believedStatus: string | null;
			readonly jobDigest: string | null;
			readonly boots: number;
			readonly bytesReceived: number;
			readonly flashOperations: number;
			/** Where devices tell their presence: what the service believes, and whether the broker holds a connection of it, for how long now. */
			readonly presence?: { readonly believed: 'online' | 'offline' | null; readonly connected: boolean; readonly forMs: number };
			/** What a finished update should have cleared away and did not, in words; empty for a device that still has work to do. */
			readonly leftovers: readonly string[];
	  }
	| { readonly kind: 'device-final'; readonly device: string; readonly version: string | null; readonly outcome: DeviceOutcome };

/** A release going out in waves. */
export type RolloutEvent =
	| {
			readonly kind: 'rollout-planned';
			readonly at: number;
			readonly rollout: string;
			readonly release: string;
			readonly devices: number /** Devices each wave may reach, pilot first. */;
			readonly waves: readonly number[] /** The gate: failures over finished above which the rollout halts, 0-1. */;
			readonly maxFailureRatio: number;
	  }
	| { readonly kind: 'rollout-wave'; readonly at: number; readonly rollout: string; readonly wave: number; readonly devices: number }
	| {
			readonly kind: 'rollout-gate';
			readonly at: number;
			readonly rollout: string;
			readonly wave: number;
			readonly decision: 'go' | 'halt';
			readonly succeeded: number;
			readonly failed: number;
			readonly silent: number;
	  }
	| { readonly kind: 'rollout-halted'; readonly at: number; readonly rollout: string; readonly reason: string }
	| { readonly kind: 'rollout-rolled-back'; readonly at: number; readonly rollout: string; readonly release: string; readonly devices: number }
	| {
			readonly kind: 'rollout-ended';
			readonly at: number;
			readonly rollout: string;
			readonly outcome: 'completed' | 'halted' | 'rolled-back';
			readonly succeeded: number;
			readonly failed: number;
			readonly untouched: number;
	  }
	/** A release sent to devices at once, as the operator ordered it; its jobs are named `<job>-…`. */
	| { readonly kind: 'deployment-ordered'; readonly at: number; readonly job: string; readonly release: string; readonly devices: number }
	/** A deployment taken back from so many devices, as the operator ordered it; `force`: from those too that have begun. */
	| { readonly kind: 'deployment-cancelled'; readonly at: number; readonly job: string; readonly devices: number; readonly force: boolean }
	/** What a campaign's controller, or a person it waited for, decided; recorded before it is carried out. */
	| {
			readonly kind: 'campaign-decision';
			readonly at: number;
			readonly campaign: string;
			readonly who: string;
			readonly what: string;
			readonly device?: string;
			/** Of the plan's inventory, where the device is in one. */
			readonly group?: string;
			readonly digest?: string;
			readonly why: string;
	  }
	/** What the service holds true of a device's job after it accepted an update. */
	| {
			readonly kind: 'service-job';
			readonly at: number;
			readonly device: string;
			readonly job: string;
			readonly status: string;
			readonly version: number;
			/** SHA-256 of the image that the job brings; told when the job is opened. */
			readonly digest?: string;
			/** From when on it is stale, not to be begun any more; told with the digest, where it ever is. */
			readonly expiresAt?: number;
	  }
	/** What the service's inventory holds of a device after it reported itself. */
	| { readonly kind: 'service-inventory'; readonly at: number; readonly device: string; readonly version: string };

/** A place in an update: so long after a phase of it began. */
export interface SweepPlace {
	readonly phase: string;
	readonly offsetMs: number;
}

/**
 * What is done to a board on a rig, and what it says itself: unlike a simulated device's flash, a board can only be asked.
 * `release-published` comes before an image is offered to it, `device-final` when the case closes it.
 */
export type BoardEvent =
	| { readonly kind: 'board-opened'; readonly at: number; readonly board: string; readonly type: string }
	| {
			readonly kind: 'board-power';
			readonly at: number;
			readonly board: string;
			readonly power: 'powered' | 'unpowered';
			readonly commandedAt: number;
			/** When the rig saw it; absent where nothing senses it. */
			readonly observedAt?: number;
	  }
	| { readonly kind: 'board-reset'; readonly at: number; readonly board: string; readonly by: 'line' | 'command' | 'crash' }
	/** The first line of a boot came; `unexpected`: of a board that ran something confirmed and that nobody touched. */
	| { readonly kind: 'board-boot'; readonly at: number; readonly board: string; readonly nonce?: string; readonly text: string; readonly unexpected?: true }
	/** It was to run within some time, and does not. */
	| { readonly kind: 'board-no-boot'; readonly at: number; readonly board: string; readonly reason: string }
	/** What the board answered when it was asked what runs. */
	| {
			readonly kind: 'board-running';
			readonly at: number;
			readonly board: string;
			readonly version: string;
			readonly digest: string;
			readonly confirmed: boolean;
			readonly nonce: string;
	  }
	/** Settings as the board gives them, by name. */
	| {
			readonly kind: 'board-settings';
			readonly at: number;
			readonly board: string;
			readonly settings: Readonly<Record<string, string>>;
	  }
	| { readonly kind: 'board-setting-written'; readonly at: number; readonly board: string; readonly name: string; readonly value: string }
	| {
			readonly kind: 'board-update-begun';
			readonly at: number;
			readonly board: string;
			readonly path: string;
			readonly release: string;
			readonly digest: string;
	  }
	/** `staged`: the board has all of it and was asked for a trial. */
	| {
			readonly kind: 'board-update-ended';
			readonly at: number;
			readonly board: string;
			readonly path: string;
			readonly digest: string;
			readonly outcome: 'staged' | 'failed';
			readonly reason?: string;
	  }
	/** A line that its type names: `confirmed`, `reverted`, `refused`, a mark of an update. */
	| { readonly kind: 'board-mark'; readonly at: number; readonly board: string; readonly mark: string; readonly text: string }
	| { readonly kind: 'board-panic'; readonly at: number; readonly board: string; readonly text: string; readonly unexpected?: true }
	/** A programmer wrote an area of it. */
	| { readonly kind: 'board-flashed'; readonly at: number; readonly board: string; readonly area: string; readonly digest: string }
	| { readonly kind: 'board-restoring'; readonly at: number; readonly board: string; readonly by: 'serial' | 'flasher' }
	/** The phases of one good update, which a power-cut sweep is spread over. */
	| {
			readonly kind: 'sweep-profiled';
			readonly at: number;
			readonly board: string;
			readonly path: string;
			readonly phases: readonly { readonly name: string; readonly fromMs: number; readonly lastsMs: number }[];
			readonly durationMs: number;
	  }
	/** One cut of a sweep: where it was planned, told and seen, in milliseconds of its phase, and what came of it. */
	| {
			readonly kind: 'sweep-cut';
			readonly at: number;
			readonly board: string;
			readonly index: number;
			readonly planned: SweepPlace;
			readonly commanded: SweepPlace;
			readonly observed?: SweepPlace;
			readonly outcome: 'new' | 'old' | 'broken' | 'unseen';
	  }
	/** It was brought back to its golden image and the settings of the factory. */
	| { readonly kind: 'board-restored'; readonly at: number; readonly board: string; readonly digest: string; readonly by: 'serial' | 'flasher' };
