import { DAYS, type MaintenanceWindow } from '../plan/index.js';
import { Calendar } from './calendar.js';
import { addDays, type CalendarDay, weekdayOf } from './zoned-time.js';

/** A time in which devices may be updated, in milliseconds since the epoch; `closesMs` is no longer part of it. */
export interface OpenTime {
	readonly opensMs: number;
	readonly closesMs: number;
}

/** Every weekday comes around, and once more where the change to summer time swallowed the window. */
const DAYS_AHEAD = 15;

/**
 * The times in which some maintenance windows let devices be updated, in the wall time of each window's zone. A window that
 * ends at or before its beginning ends on the next day. It opens at the first instant its wall time comes and closes at the
 * first instant its end comes: on the day the clock goes back it is no longer than written unless the change lies inside.
 * Without any window devices may always be updated.
 */
export class MaintenanceWindows {
	readonly #windows: readonly MaintenanceWindow[];
	readonly #calendar: Calendar;
	/** The answer to the question asked last, which is asked again and again while a wave waits. */
	#last: { readonly fromMs: number; readonly neededMs: number; readonly time: OpenTime | undefined } | undefined;

	/** Many windows of the same zones are quicker with one calendar. */
	constructor(windows: readonly MaintenanceWindow[], { calendar = new Calendar() }: { readonly calendar?: Calendar } = {}) {
		this.#windows = windows;
		this.#calendar = calendar;
	}

	/** The earliest time, at `epochMs` or later, that has `neededMs` left; undefined where none within two weeks has. */
	nextWith(neededMs: number, { epochMs }: { readonly epochMs: number }): OpenTime | undefined {
		if (this.#windows.length === 0) return { opensMs: epochMs, closesMs: Number.POSITIVE_INFINITY };
		if (this.#last !== undefined && this.#last.neededMs === neededMs && this.#last.fromMs <= epochMs) {
			const { time } = this.#last;
			if (time !== undefined && time.closesMs - Math.max(epochMs, time.opensMs) >= neededMs) return time;
		}
		const time = this.#times(epochMs).find(({ opensMs, closesMs }) => closesMs - Math.max(epochMs, opensMs) >= neededMs);
		this.#last = { fromMs: epochMs, neededMs, time };
		return time;
	}

	/** Whether an update that takes `neededMs` may begin now. */
	admits(neededMs: number, { epochMs }: { readonly epochMs: number }): boolean {
		const time = this.nextWith(neededMs, { epochMs });
		return time !== undefined && time.opensMs <= epochMs;
	}

	/** From the day before on, ascending; windows that touch or overlap are one. */
	#times(epochMs: number): readonly OpenTime[] {
		const times = this.#windows.flatMap((window) => {
			const yesterday = addDays(this.#calendar.dayOf(window.timeZone, epochMs), -1);
			return Array.from({ length: DAYS_AHEAD }, (_, ahead) => timeOn(addDays(yesterday, ahead), { window, calendar: this.#calendar }));
		});
		const joined: { opensMs: number; closesMs: number }[] = [];
		for (const time of times.filter((one) => one !== undefined).sort((left, right) => left.opensMs - right.opensMs)) {
			const last = joined.at(-1);
			if (last !== undefined && time.opensMs <= last.closesMs) last.closesMs = Math.max(last.closesMs, time.closesMs);
			else joined.push({ ...time });
		}
		return joined;
	}
}

const timeOn = (day: CalendarDay, { window, calendar }: { readonly window: MaintenanceWindow; readonly calendar: Calendar }): OpenTime | undefined => {
	if (!window.days.includes(DAYS[weekdayOf(day)] as (typeof DAYS)[number])) return undefined;
	const { timeZone, from, to } = window;
	const opensMs = calendar.instantOf(timeZone, { day, minute: from });
	const closesMs = calendar.instantOf(timeZone, { day: to > from ? day : addDays(day, 1), minute: to });
	return closesMs > opensMs ? { opensMs, closesMs } : undefined;
};
