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
			readonly securityCounter: number;
			/** SHA-256 of the settings as the device should read them. */
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
			readonly blocks: number;
			/** Blocks that arrived, repeats included. */
			readonly received: number;
			/** Times a download went on after a cut of link or power. */
			readonly resumes: number;
			/** Most blocks that one request asks for. */
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
