import { formatVirtualTime } from '../../../reports/text/index.js';
import type { CampaignPlan } from '../../campaign/index.js';
import type { BlackstartEvent } from '../../events/index.js';
import { FAULT_CATALOGUE } from '../../faults/index.js';
import type { CampaignVerdict } from './campaign-verdict.js';
import type { SimulatedCampaign } from './simulated-campaign.js';

export type Decision = Extract<BlackstartEvent, { kind: 'campaign-decision' }>;

/** Devices named while a campaign runs; all are in its files. */
const MOST_NAMED = 40;
/** Devices of one kind named at its end. */
const MOST_LISTED = 10;
/** What is told of every device, and so too much to print. */
const EVERYDAY: ReadonlySet<string> = new Set(['device-started', 'device-succeeded', 'device-sent-back', 'settings-backed-up']);

/** A decision as one line of progress; undefined for what every device goes through, or once many were named. */
export const describeDecision = ({ at, who, what, device, why }: Decision, { named }: { readonly named: number }): string | undefined => {
	if (EVERYDAY.has(what) || (device !== undefined && named >= MOST_NAMED)) return undefined;
	const by = who === 'controller' ? '' : ` by ${who}`;
	return `  ${formatVirtualTime(at).padStart(14)}  ${what.replaceAll('-', ' ')}${by}: ${device === undefined ? '' : `${device}: `}${why}\n`;
};

/** What a campaign came to, for people. */
export const renderOutcome = (
	{ outcome, invariants, virtualMs }: SimulatedCampaign,
	{ verdict, reason, plan, covered, dir }: CampaignVerdict & { readonly plan: CampaignPlan; readonly covered: readonly string[]; readonly dir: string },
): string => {
	const waves = outcome.waves.map(
		({ devices, succeeded, failed, silent, unhealthy, startedMs, endedMs, decision }, index) =>
			`  ${index === 0 ? 'pilot  ' : `wave ${index} `} ${String(devices).padStart(6)} devices  ${startedMs === undefined ? 'never began' : `${succeeded} succeeded, ${failed} failed, ${silent} silent, ${unhealthy} unhealthy; ${formatVirtualTime(startedMs)} to ${endedMs === undefined ? 'no end' : formatVirtualTime(endedMs)}; ${decision ?? 'no decision'}`}`,
	);
	const judged = invariants.filter(({ checks }) => checks > 0);
	return [
		'',
		// The reason of a halt begins with it.
		`${plan.name}: ${reason?.startsWith(`${outcome.outcome}: `) ? reason : `${outcome.outcome}${reason === undefined ? '' : ` (${reason})`}`}`,
		...waves,
		`  reached ${outcome.reached}, untouched ${outcome.untouched}, left out ${outcome.leftOut.length}, drifted ${outcome.drift.length}, stuck ${outcome.stuck.length}, sent back ${outcome.sentBack}, not returned ${outcome.notReturned.length}`,
		...listDevices('stuck', outcome.stuck),
		...listDevices('over the end of their window', outcome.overran),
		...listDevices(
			'not returned',
			outcome.notReturned.map(({ device, reason }) => `${device} (${reason})`),
		),
		`  fault coverage: ${covered.length} of ${FAULT_CATALOGUE.length} rows of the catalogue${covered.length > 0 ? ` (${covered.join(', ')})` : ''}; the holes are in coverage.json`,
		`  ${judged.length} invariants judged, ${judged.filter(({ violations }) => violations.length > 0).length} broken; ${formatVirtualTime(virtualMs)} of virtual time`,
		`  ${verdict} · ${dir}`,
		'',
	].join('\n');
};

const listDevices = (what: string, devices: readonly string[]): readonly string[] => {
	if (devices.length === 0) return [];
	return [`  ${what}: ${devices.slice(0, MOST_LISTED).join(', ')}${devices.length > MOST_LISTED ? ` and ${devices.length - MOST_LISTED} more` : ''}`];
};
