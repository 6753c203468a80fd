/**
 * How a device of the light model takes an update: no broker, no flash and no image, only how long it takes and how it ends.
 * The shares and times are assumptions, printed with every result.
 */
export interface FleetModel {
	/** Share of the devices on which the release fails, 0-1. */
	readonly failureRatio: number;
	/** Share on which the release before fails, where they are sent back to it. */
	readonly backFailureRatio: number;
	/** Share of the devices that are offline when their job comes, and for how long at most. */
	readonly offlineRatio: number;
	readonly offlineMs: number;
	/** Share of the devices that take the job and never say a word about it again. */
	readonly lostRatio: number;
	/** What an update takes at least, and what the link adds on average (exponentially distributed). */
	readonly leastMs: number;
	readonly linkMs: number;
}

export const DEFAULT_FLEET_MODEL: Omit<FleetModel, 'failureRatio' | 'backFailureRatio'> = {
	offlineRatio: 0.02,
	offlineMs: 3_600_000,
	lostRatio: 0.001,
	leastMs: 330_000,
	linkMs: 180_000,
};

/** What a good release fails on all the same: devices that break, places without a network. */
export const DEFAULT_BACKGROUND_RATIO = 0.002;
