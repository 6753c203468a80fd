/** A release going out in waves. */
export type RolloutEvent =
	| {
			readonly kind: 'rollout-planned';
			readonly at: number;
			readonly rollout: string;
			readonly release: string;
			readonly devices: number;
			/** Devices each wave may reach, pilot first. */
			readonly waves: readonly number[];
			/** The gate: failures over finished above which the rollout halts, 0-1. */
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
