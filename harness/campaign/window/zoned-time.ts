/** A day of some zone's calendar. */
export interface CalendarDay {
	readonly year: number;
	/** 1 to 12. */
	readonly month: number;
	readonly day: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Between wall clock and instant in one IANA time zone, by the zone data that Node brings (Intl). Throws a RangeError for a zone that is none. */
export class ZonedTime {
	readonly #format: Intl.DateTimeFormat;

	constructor(timeZone: string) {
		this.#format = new Intl.DateTimeFormat('en-US', {
			timeZone,
			calendar: 'gregory',
			numberingSystem: 'latn',
			hourCycle: 'h23',
			year: 'numeric',
			month: 'numeric',
			day: 'numeric',
			hour: 'numeric',
			minute: 'numeric',
			second: 'numeric',
		});
	}

	dayOf(epochMs: number): CalendarDay {
		const wall = new Date(this.#wallMs(epochMs));
		return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() };
	}

	/**
	 * The first instant of a day at which the wall clock reads `minute` (0 to 1440, the day's end) or later: a time that the
	 * change to summer time skips is the instant of the change, and of a time that comes twice it is the first.
	 */
	instantOf({ year, month, day }: CalendarDay, minute: number): number {
		const wantedMs = Date.UTC(year, month - 1, day) + minute * MINUTE_MS;
		// No offset is a day or more from UTC, so both sides of any change nearby are among these.
		const offsets = [this.#offsetMs(wantedMs - DAY_MS), this.#offsetMs(wantedMs), this.#offsetMs(wantedMs + DAY_MS)];
		const exact = offsets.map((offsetMs) => wantedMs - offsetMs).filter((epochMs) => this.#wallMs(epochMs) === wantedMs);
		return exact.length > 0 ? Math.min(...exact) : this.#changeNear(wantedMs);
	}

	/** The instant at which the clock skips a wall time. */
	#changeNear(wantedMs: number): number {
		let [before, after] = [wantedMs - DAY_MS, wantedMs + DAY_MS];
		while (after - before > 1) {
			const middle = Math.floor((before + after) / 2);
			if (this.#wallMs(middle) < wantedMs) before = middle;
			else after = middle;
		}
		return after;
	}

	#offsetMs(epochMs: number): number {
		return this.#wallMs(epochMs) - epochMs;
	}

	/** What the wall clock reads, as if it were UTC. */
	#wallMs(epochMs: number): number {
		const parts: Record<string, number> = {};
		for (const { type, value } of this.#format.formatToParts(epochMs)) if (type !== 'literal') parts[type] = Number(value);
		const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
		return Date.UTC(year, month - 1, day, hour, minute, second) + (((epochMs % 1_000) + 1_000) % 1_000);
	}
}

/** The day so many days later. */
export const addDays = ({ year, month, day }: CalendarDay, days: number): CalendarDay => {
	const moved = new Date(Date.UTC(year, month - 1, day + days));
	return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
};

/** 0 for Monday to 6 for Sunday. */
export const weekdayOf = ({ year, month, day }: CalendarDay): number => (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
