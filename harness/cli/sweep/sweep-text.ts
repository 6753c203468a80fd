import type { SweepProfile, SweepResult } from '../../sweep/index.js';

/** What a sweep has shown, for people. */
export const describeSweep = (result: SweepResult, { profile, cuts }: { readonly profile: SweepProfile; readonly cuts: number }): string => {
	const { largestGap, aim, switching, phases } = result;
	const width = Math.max(5, ...phases.map(({ name }) => name.length));
	return [
		`${result.cuts} of ${cuts} cuts made, ${result.broken} broke a board${result.unseen > 0 ? `, ${result.unseen} left no evidence` : ''}`,
		'',
		`${'phase'.padEnd(width)}      ms  cuts  broken`,
		...phases.map(
			(phase) =>
				`${phase.name.padEnd(width)}  ${phase.lastsMs.toFixed(0).padStart(6)}  ${String(phase.cuts).padStart(4)}  ${String(phase.broken || '.').padStart(6)}`,
		),
		'',
		`largest part of the update without a cut: ${(largestGap.toMs - largestGap.fromMs).toFixed(1)} ms in ${largestGap.phase} (${((100 * (largestGap.toMs - largestGap.fromMs)) / profile.durationMs).toFixed(1)} % of it)`,
		`from plan to command: median ${aim.medianMs.toFixed(1)} ms, worst ${aim.worstMs.toFixed(1)} ms`,
		switching
			? `from command to power seen gone: median ${switching.medianMs.toFixed(1)} ms, worst ${switching.worstMs.toFixed(1)} ms`
			: 'power is not sensed: cuts are known by the boot that follows them',
		`${result.cutsPerMinute.toFixed(1)} cuts a minute on a board; ${(100 * result.overheadRatio).toFixed(1)} % of its time was neither boot nor update nor time without power`,
		`${result.broken === 0 ? 'no cut broke a board: ' : ''}at 95 %, fewer than ${Number((100 * result.failureRateBelow).toPrecision(2))} % of cuts like these do`,
	].join('\n');
};
