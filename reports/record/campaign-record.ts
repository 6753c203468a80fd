import type { BlackstartEvent } from '../../harness/events/index.js';

/** A campaign or rollout of one case: its plan, how far it is, and what it came to. */
export interface CampaignRecord {
	readonly name: string;
	readonly release: string;
	readonly devices: number;
	/** Devices of each wave as planned, the pilot first. */
	readonly planned: readonly number[];
	readonly maxFailureRatio: number;
	/** Waves that began, in order. */
	readonly waves: WaveRecord[];
	approver?: string;
	/** Why it halted, or was refused. */
	reason?: string;
	outcome?: string;
	result?: { readonly succeeded: number; readonly failed: number; readonly untouched: number };
	readonly leftOut: Set<string>;
	readonly drifted: Set<string>;
	readonly stuck: Set<string>;
	/** Devices by the release that they were sent back to. */
	readonly sentBack: Map<string, number>;
}

export interface WaveRecord {
	readonly devices: number;
	/** Devices of it that ended so far. */
	ended: number;
	decision?: 'go' | 'halt';
	tally?: { readonly succeeded: number; readonly failed: number; readonly silent: number };
}

/** Beyond these a case's campaigns are not told one by one. */
export const MOST_CAMPAIGNS = 20;
const MOST_NAMED = 5;

type Campaigns = CampaignRecord[];

/** Takes an event into the campaigns of its case; false where it is about none. */
export const foldCampaign = (campaigns: Campaigns, event: BlackstartEvent): boolean => {
	if (event.kind === 'campaign-decision') return foldDecision(campaigns, event);
	if (event.kind === 'rollout-planned') {
		const { rollout: name, release, devices, waves: planned, maxFailureRatio } = event;
		const known = campaigns.find((one) => one.name === name && one.release === '' && one.outcome === undefined);
		const fresh = { ...(known ?? createCampaign(name)), release, devices, planned, maxFailureRatio };
		if (known !== undefined) campaigns[campaigns.indexOf(known)] = fresh;
		else if (campaigns.length < MOST_CAMPAIGNS) campaigns.push(fresh);
		return true;
	}
	if (!('rollout' in event)) return false;
	const campaign = campaigns.findLast(({ name }) => name === event.rollout);
	if (campaign === undefined) return false;
	if (event.kind === 'rollout-wave') campaign.waves[event.wave] = { devices: event.devices, ended: 0 };
	else if (event.kind === 'rollout-gate') {
		const { wave, decision, succeeded, failed, silent } = event;
		campaign.waves[wave] = { devices: 0, ended: 0, ...campaign.waves[wave], decision, tally: { succeeded, failed, silent } };
	} else if (event.kind === 'rollout-halted') campaign.reason = event.reason;
	else if (event.kind === 'rollout-rolled-back') campaign.sentBack.set(event.release, (campaign.sentBack.get(event.release) ?? 0) + event.devices);
	else if (event.kind === 'rollout-ended') {
		const { outcome, succeeded, failed, untouched } = event;
		campaign.outcome = outcome;
		campaign.result = { succeeded, failed, untouched };
	}
	return true;
};

const foldDecision = (campaigns: Campaigns, { campaign: name, what, who, why, device }: Extract<BlackstartEvent, { kind: 'campaign-decision' }>): boolean => {
	let campaign = campaigns.findLast((one) => one.name === name && one.outcome === undefined);
	if (campaign === undefined) {
		// One of that name that has ended may still say so; anything else begins another.
		if (campaigns.length >= MOST_CAMPAIGNS || !BEGINNINGS.has(what)) return false;
		campaign = createCampaign(name);
		campaigns.push(campaign);
	}
	if (what === 'approved') campaign.approver = who;
	else if (what === 'refused') {
		campaign.outcome = 'refused';
		campaign.reason = why;
	} else if (device === undefined) return true;
	else if (what === 'device-left-out') campaign.leftOut.add(device);
	else if (what === 'drift' || what === 'device-drifted') campaign.drifted.add(device);
	else if (what === 'device-stuck') campaign.stuck.add(device);
	else if (ENDINGS.has(what)) {
		const wave = campaign.waves.at(-1);
		if (wave !== undefined) wave.ended++;
	}
	return true;
};

const BEGINNINGS: ReadonlySet<string> = new Set(['approved', 'refused', 'resumed']);
const ENDINGS: ReadonlySet<string> = new Set(['device-succeeded', 'device-failed', 'device-silent', 'device-cancelled']);

const createCampaign = (name: string): CampaignRecord => ({
	name,
	release: '',
	devices: 0,
	planned: [],
	maxFailureRatio: 0,
	waves: [],
	leftOut: new Set(),
	drifted: new Set(),
	stuck: new Set(),
	sentBack: new Map(),
});

/** Its plan in one line. */
export const tellPlan = ({ release, devices, planned, maxFailureRatio, approver }: CampaignRecord): string =>
	[
		`${release} to ${devices} devices, ${planned.length > 1 ? `a pilot of ${planned[0]}, then waves of ${planned.slice(1).join(', ')}` : 'in one wave'}`,
		`halts above ${maxFailureRatio * 100} % failures`,
		...(approver === undefined ? [] : [`approved by ${approver}`]),
	].join('; ');

/** How far it is, or what it came to, in one line. */
export const tellProgress = (campaign: CampaignRecord): string => {
	const { outcome, reason, result, planned, waves, leftOut, drifted, stuck, sentBack } = campaign;
	const wave = waves.at(-1);
	const course =
		outcome !== undefined
			? [`${outcome}${reason === undefined ? '' : ` (${reason})`}`]
			: wave === undefined
				? ['no wave began']
				: [
						`wave ${waves.length} of ${planned.length}`,
						wave.decision === undefined ? `${wave.ended} of ${wave.devices} devices ended` : `its gate says ${wave.decision}`,
					];
	return [
		...course,
		...(result === undefined ? [] : [`${result.succeeded} succeeded, ${result.failed} failed, ${result.untouched} untouched`]),
		...(sentBack.size > 0 ? [`sent back: ${[...sentBack].map(([release, devices]) => `${devices} to ${release}`).join(', ')}`] : []),
		...(leftOut.size > 0 ? [`left out: ${nameSome(leftOut)}`] : []),
		...(drifted.size > 0 ? [`drifted: ${nameSome(drifted)}`] : []),
		...(stuck.size > 0 ? [`stuck: ${nameSome(stuck)}`] : []),
	].join('; ');
};

/** One line for each wave that began. */
export const tellWaves = ({ waves, planned }: CampaignRecord): readonly string[] =>
	waves.map(({ devices, decision, tally }, index) => {
		const name = index === 0 ? 'pilot' : `wave ${index}`;
		const counts = tally === undefined ? 'not ended' : `${tally.succeeded} succeeded, ${tally.failed} failed, ${tally.silent} silent`;
		return `${name}: ${devices} of ${planned[index] ?? devices} planned devices; ${counts}${decision === undefined ? '' : `; ${decision}`}`;
	});

const nameSome = (devices: ReadonlySet<string>): string =>
	`${[...devices].slice(0, MOST_NAMED).join(', ')}${devices.size > MOST_NAMED ? ` and ${devices.size - MOST_NAMED} more` : ''}`;
