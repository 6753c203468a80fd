import { formatDuration } from '../../../reports/text/index.js';
import type { CampaignPlan, Percentiles, Rehearsal } from '../../campaign/index.js';

/** Said with every result: what was real in it and what was not. */
export const HOW_REHEARSED =
	'The real campaign controller in virtual time, over a light statistical fleet: how long an update takes and whether it fails is drawn, no MQTT, flash or image is simulated. Every device passes the checks of the plan and stays healthy: gates on health telemetry, and faults of network, power and service, are what `campaign` and `run` are for.';

/** One or two rehearsals for people, side by side. */
export const renderRehearsals = (
	rehearsals: readonly Rehearsal[],
	{ plans, wallMs }: { readonly plans: readonly CampaignPlan[]; readonly wallMs: number },
): string => {
	const [first] = rehearsals;
	if (first === undefined) return '';
	const rows = rehearsals.flatMap((rehearsal) => [...describeRehearsal(rehearsal), '']);
	const unapproved = plans.filter(({ approver }) => approver === undefined).map(({ name }) => `${name} names no approver: \`campaign\` would send nothing.`);
	return [
		`${first.devices} devices, ${first.seeds} seeds from ${first.seed}; wall time ${formatDuration(wallMs)}`,
		'',
		...rows,
		...(rehearsals.length === 2 ? [...compare(rehearsals as [Rehearsal, Rehearsal]), ''] : []),
		HOW_REHEARSED,
		...unapproved,
		'',
	].join('\n');
};

const describeRehearsal = ({ campaign, waves, bad, good }: Rehearsal): readonly string[] => [
	`${campaign}: waves of ${waves.join(', ')}`,
	`  ${''.padEnd(46)}${['p50', 'p90', 'p99', 'worst'].map((name) => name.padStart(11)).join('')}`,
	row(`bad release (fails on ${percent(bad.failureRatio)}), devices reached`, bad.reached, String),
	row(`  halted in ${percent(bad.haltedRatio)} of the seeds, after`, bad.haltMs, formatHours),
	row('  devices left on it after the rollback', bad.leftOnIt, String),
	row(`good release (fails on ${percent(good.failureRatio)}), took`, good.tookMs, formatHours),
	row(`  went out in ${percent(good.completedRatio)} of the seeds, not updated`, good.notUpdated, String),
	row('  devices named as stuck', good.stuck, String),
];

const row = (label: string, values: Percentiles | undefined, format: (value: number) => string): string =>
	`  ${label.padEnd(46)}${values === undefined ? '          -' : [values.p50, values.p90, values.p99, values.worst].map((value) => format(value).padStart(11)).join('')}`;

const compare = ([one, other]: readonly [Rehearsal, Rehearsal]): readonly string[] => {
	const fewer = one.bad.reached.p50 <= other.bad.reached.p50 ? [one, other] : [other, one];
	const [low, high] = fewer as [Rehearsal, Rehearsal];
	const worst = `${low.bad.reached.worst} against ${high.bad.reached.worst} at worst`;
	const lines =
		low.bad.reached.p50 === high.bad.reached.p50
			? [`A bad release reaches as many under either: ${low.bad.reached.p50} devices (p50); under ${low.campaign} and ${high.campaign} ${worst}.`]
			: [`A bad release reaches fewest under ${low.campaign}: ${low.bad.reached.p50} devices against ${high.bad.reached.p50} (p50), ${worst}.`];
	const [lowMs, highMs] = [low.good.tookMs?.p50, high.good.tookMs?.p50];
	if (lowMs !== undefined && highMs !== undefined)
		lines.push(`A good one takes ${formatHours(lowMs)} under ${low.campaign} and ${formatHours(highMs)} under ${high.campaign} (p50).`);
	return lines;
};

const percent = (ratio: number): string => `${Number((ratio * 100).toFixed(2))} %`;

const formatHours = (timeMs: number): string => {
	const minutes = Math.round(timeMs / 60_000);
	return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
};
