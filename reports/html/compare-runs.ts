import type { CaseData, RunData, WorldData } from './run-data.js';

/** How one case went in two runs. */
export interface CaseChange {
	readonly name: string;
	/** Absent where a run does not have the case. */
	readonly before?: string;
	readonly after?: string;
	/** What changed in what the fleet took, worst first. */
	readonly figures: readonly FigureChange[];
	/** `unclear`: it went badly before, and the later run does not say how it goes now. */
	readonly change: 'worse' | 'unclear' | 'better' | 'new' | 'gone' | 'same';
}

export interface FigureChange {
	readonly name: string;
	readonly before: number;
	readonly after: number;
	readonly isWorse: boolean;
}

const RANK: readonly string[] = ['passed', 'skipped', 'inconclusive', 'errored', 'failed'];
/** A figure that changes by less than this share is the same. */
const TOLERANCE = 0.1;
const ORDER: readonly CaseChange['change'][] = ['worse', 'gone', 'unclear', 'new', 'better', 'same'];

/** What got worse, case by case, from one run to another, worst first: verdicts, and what updates took. */
export const compareRuns = (before: RunData, after: RunData): readonly CaseChange[] => {
	const olds = new Map(before.cases.map((one) => [nameOf(one), one]));
	const news = new Map(after.cases.map((one) => [nameOf(one), one]));
	const changes = [...new Set([...news.keys(), ...olds.keys()])].map((name) => compareCase(name, { old: olds.get(name), now: news.get(name) }));
	return changes.sort((one, other) => ORDER.indexOf(one.change) - ORDER.indexOf(other.change));
};

const nameOf = ({ scenario, title }: CaseData): string => `${scenario}: ${title}`;

const compareCase = (name: string, { old, now }: { readonly old: CaseData | undefined; readonly now: CaseData | undefined }): CaseChange => {
	if (old === undefined || now === undefined) {
		return { name, ...(old ? { before: old.verdict } : {}), ...(now ? { after: now.verdict } : {}), figures: [], change: old === undefined ? 'new' : 'gone' };
	}
	const figures = compareFigures(old, now);
	const verdicts = RANK.indexOf(now.verdict) - RANK.indexOf(old.verdict);
	const change = changeOf({ verdicts, isPassed: now.verdict === 'passed', figures });
	return { name, before: old.verdict, after: now.verdict, figures, change };
};

const changeOf = ({
	verdicts,
	isPassed,
	figures,
}: {
	/** Above 0: the later verdict is the worse one. */
	readonly verdicts: number;
	readonly isPassed: boolean;
	readonly figures: readonly FigureChange[];
}): CaseChange['change'] => {
	if (verdicts > 0 || (verdicts === 0 && figures.some(({ isWorse }) => isWorse))) return 'worse';
	if (verdicts < 0) return isPassed ? 'better' : 'unclear';
	return figures.length > 0 ? 'better' : 'same';
};

const compareFigures = (old: CaseData, now: CaseData): readonly FigureChange[] => {
	const olds = readFigures(old.worlds);
	const news = readFigures(now.worlds);
	const changes = [...news].flatMap(([name, after]): FigureChange[] => {
		const before = olds.get(name);
		if (before === undefined || Math.abs(after - before) <= TOLERANCE * Math.max(before, 1e-9)) return [];
		const moreIsBetter = name === UPDATED;
		return [{ name, before, after, isWorse: moreIsBetter ? after < before : after > before }];
	});
	return changes.sort((one, other) => Number(other.isWorse) - Number(one.isWorse));
};

const UPDATED = 'share of devices updated';

/** Of all worlds of a case: shares by outcome, and the middle and the slow end of what updates took. */
const readFigures = (worlds: readonly WorldData[]): ReadonlyMap<string, number> => {
	const figures = new Map<string, number>();
	const devices = worlds.reduce((sum, world) => sum + world.devices, 0);
	const share = (outcome: string): number => worlds.reduce((sum, { outcomes }) => sum + (outcomes[outcome] ?? 0), 0) / Math.max(1, devices);
	if (devices > 0) {
		figures.set(UPDATED, share('updated'));
		figures.set('share of devices stuck or bricked', share('stuck') + share('bricked'));
	}
	for (const [index, { histograms }] of worlds.entries()) {
		const place = worlds.length > 1 ? ` (fleet ${index + 1})` : '';
		for (const { name, unit, median, p95 } of histograms) {
			figures.set(`${name}, median, ${unit}${place}`, median);
			figures.set(`${name}, 95 %, ${unit}${place}`, p95);
		}
	}
	return figures;
};
