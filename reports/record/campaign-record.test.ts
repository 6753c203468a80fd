import test from 'ava';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { type CampaignRecord, foldCampaign, MOST_CAMPAIGNS, tellPlan, tellProgress, tellWaves } from './campaign-record.js';

type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown ? Omit<Type, Key> : never;

const fold = (
	...events: readonly DistributiveOmit<Extract<BlackstartEvent, { kind: `rollout-${string}` | 'campaign-decision' }>, 'at'>[]
): readonly CampaignRecord[] => {
	const campaigns: CampaignRecord[] = [];
	for (const event of events) foldCampaign(campaigns, { ...event, at: 1 } as BlackstartEvent);
	return campaigns;
};

const decision = (what: string, facts: { readonly who?: string; readonly device?: string; readonly why?: string } = {}) =>
	({ kind: 'campaign-decision', campaign: 'spring', who: 'controller', why: 'told', what, ...facts }) as const;

const BEGUN = [
	decision('approved', { who: 'Dana Okafor' }),
	decision('device-left-out', { device: 'd-9' }),
	{ kind: 'rollout-planned', rollout: 'spring', release: 'v2', devices: 5, waves: [2, 3], maxFailureRatio: 0.1 },
	{ kind: 'rollout-wave', rollout: 'spring', wave: 0, devices: 2 },
	decision('device-started', { device: 'd-1' }),
	decision('device-succeeded', { device: 'd-1' }),
] as const;

test('a campaign under way tells its plan and how many of its wave have ended', (t) => {
	const [campaign, ...others] = fold(...BEGUN) as [CampaignRecord];
	t.is(others.length, 0);
	t.is(tellPlan(campaign), 'v2 to 5 devices, a pilot of 2, then waves of 3; halts above 10 % failures; approved by Dana Okafor');
	t.is(tellProgress(campaign), 'wave 1 of 2; 1 of 2 devices ended; left out: d-9');
	t.deepEqual(tellWaves(campaign), ['pilot: 2 of 2 planned devices; not ended']);
});

test('a campaign that halted tells why, each wave, and its stragglers by name', (t) => {
	const [campaign] = fold(
		...BEGUN,
		decision('device-stuck', { device: 'd-2' }),
		{ kind: 'rollout-gate', rollout: 'spring', wave: 0, decision: 'halt', succeeded: 1, failed: 0, silent: 1 },
		{ kind: 'rollout-halted', rollout: 'spring', reason: 'aborted by Ines Haddad: a call' },
		{ kind: 'rollout-rolled-back', rollout: 'spring', release: 'v1', devices: 1 },
		{ kind: 'rollout-ended', rollout: 'spring', outcome: 'rolled-back', succeeded: 1, failed: 1, untouched: 3 },
	) as [CampaignRecord];
	t.deepEqual(tellWaves(campaign), ['pilot: 2 of 2 planned devices; 1 succeeded, 0 failed, 1 silent; halt']);
	t.is(
		tellProgress(campaign),
		'rolled-back (aborted by Ines Haddad: a call); 1 succeeded, 1 failed, 3 untouched; sent back: 1 to v1; left out: d-9; stuck: d-2',
	);
});

test('a campaign that is refused is told with its reason, and a second one of that name is another', (t) => {
	const campaigns = fold(decision('refused', { why: 'no named person' }), ...BEGUN);
	t.deepEqual(campaigns.map(tellProgress), ['refused (no named person)', 'wave 1 of 2; 1 of 2 devices ended; left out: d-9']);
});

test('a rollout without a campaign is told too, and there is an end to how many are kept', (t) => {
	const planned = (rollout: string) => ({ kind: 'rollout-planned', rollout, release: 'v2', devices: 1, waves: [1], maxFailureRatio: 0 }) as const;
	t.is(tellPlan(fold(planned('one'))[0] as CampaignRecord), 'v2 to 1 devices, in one wave; halts above 0 % failures');
	t.is(fold(...Array.from({ length: MOST_CAMPAIGNS + 5 }, (_, index) => planned(`r-${index}`))).length, MOST_CAMPAIGNS);
});
