import { type CalendarDay, ZonedTime } from './zoned-time.js';

/** Remembers what wall times of its zones are as instants: finding out is slow, and campaigns ask the same again and again. */
export class Calendar {
	readonly #zones = new Map<string, { readonly zone: ZonedTime; readonly instants: Map<string, number> }>();

	dayOf(timeZone: string, epochMs: number): CalendarDay {
		return this.#open(timeZone).zone.dayOf(epochMs);
	}

	/** As ZonedTime has it. */
	instantOf(timeZone: string, { day, minute }: { readonly day: CalendarDay; readonly minute: number }): number {
		const { zone, instants } = this.#open(timeZone);
		const key = `${day.year}-${day.month}-${day.day} ${minute}`;
		const known = instants.get(key);
		if (known !== undefined) return known;
		const instantMs = zone.instantOf(day, minute);
		instants.set(key, instantMs);
		return instantMs;
	}

	#open(timeZone: string): { readonly zone: ZonedTime; readonly instants: Map<string, number> } {
		const known = this.#zones.get(timeZone) ?? { zone: new ZonedTime(timeZone), instants: new Map() };
		this.#zones.set(timeZone, known);
		return known;
	}
}
