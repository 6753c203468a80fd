/** One good update of a board, cut into phases by what its console says; all times are milliseconds since the update began. */
export interface SweepProfile {
	/** In order, without a gap: the first begins at 0, the last ends with the update. */
	readonly phases: readonly SweepPhase[];
	readonly durationMs: number;
}

export interface SweepPhase {
	readonly name: string;
	readonly fromMs: number;
	readonly lastsMs: number;
}

/** What an update passed on its way, and when. */
export interface ProfileMark {
	readonly phase: string;
	readonly atMs: number;
}

/** A place in an update: so long after a phase began. Where an update takes longer than the one before, it still means the same work. */
export interface UpdatePlace {
	readonly phase: string;
	readonly offsetMs: number;
}

/**
 * Makes a profile of the marks of one good update, which stand in the order in which they came, the first at 0. A mark that
 * comes again belongs to the phase it came in. Throws a RangeError for marks that are none of one update.
 */
export const createProfile = (marks: readonly ProfileMark[], { durationMs }: { readonly durationMs: number }): SweepProfile => {
	const first = marks[0];
	if (first?.atMs !== 0)
		throw new RangeError(`profile: a first mark at 0 ms was expected, got ${first === undefined ? 'none' : `${first.phase} at ${first.atMs} ms`}`);
	const begins: ProfileMark[] = [];
	for (const mark of marks) {
		const before = begins.at(-1);
		if (before !== undefined && mark.atMs < before.atMs)
			throw new RangeError(`profile: marks in order were expected, got ${mark.phase} at ${mark.atMs} ms behind ${before.phase} at ${before.atMs} ms`);
		if (begins.every(({ phase }) => phase !== mark.phase)) begins.push(mark);
	}
	const last = begins.at(-1) as ProfileMark;
	if (!(durationMs > 0 && durationMs >= last.atMs))
		throw new RangeError(`profile: an end behind its last mark (${last.atMs} ms) was expected, got ${durationMs} ms`);
	return {
		phases: begins.map(({ phase, atMs }, index) => ({ name: phase, fromMs: atMs, lastsMs: (begins[index + 1]?.atMs ?? durationMs) - atMs })),
		durationMs,
	};
};

/** Where on the profile's own time a place lies; what lasts beyond its phase lies at its end. Throws a RangeError for a phase it lacks. */
export const timeOfPlace = ({ phases }: SweepProfile, { phase, offsetMs }: UpdatePlace): number => {
	const found = phases.find(({ name }) => name === phase);
	if (found === undefined) throw new RangeError(`place: a phase of the update was expected (${phases.map(({ name }) => name).join(', ')}), got '${phase}'`);
	return found.fromMs + Math.min(Math.max(0, offsetMs), found.lastsMs);
};

export const placeOfTime = ({ phases }: SweepProfile, atMs: number): UpdatePlace => {
	const phase = phases.findLast(({ fromMs }) => fromMs <= atMs) ?? (phases[0] as SweepPhase);
	return { phase: phase.name, offsetMs: roundUs(Math.max(0, atMs - phase.fromMs)) };
};

/** To microseconds, as places are written down. */
export const roundUs = (ms: number): number => Math.round(ms * 1000) / 1000;
