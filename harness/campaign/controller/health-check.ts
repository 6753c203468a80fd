import type { DeviceHealth, InventoryEntry } from '../campaign-service.js';
import type { HealthGate } from '../plan/index.js';
import type { TaskState } from './campaign-state.js';

const HOUR_MS = 3_600_000;
/** A trend over less than this is noise. */
const SHORTEST_TREND_MS = 600_000;
/** Erases are few: over less than this, one of them would be a trend. */
const SHORTEST_WEAR_MS = 43_200_000;
const DAY_MS = 24 * HOUR_MS;

/** What a device's last report shows to be out of the plan's bounds; undefined where nothing is. `after` is its first report since the update. */
export const healthProblem = (
	entry: InventoryEntry,
	{ bounds, task, nowMs }: { readonly bounds: HealthGate; readonly task: Pick<TaskState, 'before' | 'after'>; readonly nowMs: number },
): string | undefined => {
	const { health } = entry;
	if (health === undefined) return undefined;
	const { before, after } = task;
	if (bounds.temperatureC !== undefined && health.temperatureC > bounds.temperatureC)
		return `at most ${bounds.temperatureC} °C were expected, got ${health.temperatureC}`;
	if (before !== undefined) {
		const riseC = health.temperatureC - before.temperatureC;
		if (bounds.temperatureRiseC !== undefined && riseC > bounds.temperatureRiseC)
			return `at most ${bounds.temperatureRiseC} °C more than before the update were expected, got ${riseC}`;
		for (const what of ['errors', 'watchdogResets'] as const) {
			const [most, more] = [bounds[what], health[what] - before[what]];
			if (most !== undefined && more > most) return `at most ${most} ${WORDS[what]} since the update were expected, got ${more}`;
		}
	}
	if (bounds.certificateDays !== undefined && health.certificateDaysLeft !== undefined && health.certificateDaysLeft < bounds.certificateDays)
		return `a certificate that holds for ${bounds.certificateDays} days or more was expected, got ${health.certificateDaysLeft}`;
	return after === undefined ? undefined : trendProblem(health, { bounds, after, overMs: nowMs - after.atMs });
};

const trendProblem = (
	health: DeviceHealth,
	{ bounds, after, overMs }: { readonly bounds: HealthGate; readonly after: DeviceHealth; readonly overMs: number },
): string | undefined => {
	const erasesPerDay = ((health.flashErases ?? 0) - (after.flashErases ?? 0)) / (overMs / DAY_MS);
	if (bounds.flashErasesPerDay !== undefined && overMs >= SHORTEST_WEAR_MS && erasesPerDay > bounds.flashErasesPerDay)
		return `at most ${bounds.flashErasesPerDay} erases of one flash sector per day were expected, got ${erasesPerDay.toFixed(1)}`;
	if (bounds.memoryLossPerHour === undefined) return undefined;
	const lossPerHour = ((after.freeMemoryBytes - health.freeMemoryBytes) / overMs) * HOUR_MS;
	if (overMs < SHORTEST_TREND_MS || lossPerHour <= bounds.memoryLossPerHour) return undefined;
	return `at most ${bounds.memoryLossPerHour} bytes of memory lost per hour were expected, got ${Math.round(lossPerHour)}`;
};

const WORDS = { errors: 'errors', watchdogResets: 'watchdog resets' } as const;
