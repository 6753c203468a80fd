import { type CampaignService, planWaves, type RolloutOptions, runCampaign, runRollout, type RolloutPlan } from '../../../harness/campaign/index.js';
import type { BlackstartEvent } from '../../../harness/events/index.js';
import { overriding } from './overriding.js';

type RollOut = typeof runRollout;
type StatusOf = CampaignService['statusOf'];

/** Counts every job that ended as one that succeeded. */
export const blindRollout: RollOut = (options) => withStatus(options, (status) => (status === 'failed' ? 'succeeded' : status));

/** Takes silence for success. */
export const deafRollout: RollOut = (options) => withStatus(options, (status) => (status === 'pending' ? 'succeeded' : status));

/** Reads a share of 0.1 as ten. */
export const lenientRollout: RollOut = (options) => withOtherPlan(options, { maxFailureRatio: 1 });

/** Has no patience for a pilot: everybody is in the first wave. */
export const impatientRollout: RollOut = (options) => withOtherPlan(options, { pilot: options.devices.length, waves: [] });

/** Halts, and has the next wave begin all the same. */
export const relentlessRollout: RollOut = async (options) => {
	const { rollout, devices, release, service, clock, record } = options;
	const result = await runRollout(options);
	if (result.outcome === 'completed') return result;
	const wave = (result.haltedAtWave ?? 0) + 1;
	const others = devices.filter((device) =>
		Array.from({ length: wave }, (_, before) => service.statusOf(`${rollout}-wave-${before}`, device)).every(isPending),
	);
	record({ kind: 'rollout-wave', at: clock.nowMs, rollout, wave, devices: others.length });
	await service.deploy({ job: `${rollout}-wave-${wave}`, release, devices: others });
	return result;
};

/** Gives the pilot's job to a device of a later wave too, and tells nobody. */
export const secretiveRollout: RollOut = (options) =>
	withDeploy(options, (wave, service) => {
		const other = options.devices.find((device) => !wave.devices.includes(device));
		return service.deploy(wave.job.endsWith('-wave-0') && other !== undefined ? { ...wave, devices: [...wave.devices, other] } : wave);
	});

/** Sends what lies in the release folder by now, which is not what was approved. */
export const substitutingRollout: RollOut = (options) =>
	withDeploy(options, (wave, service) => service.deploy({ ...wave, release: options.previousOf?.(wave.job, wave.devices[0] as string) ?? wave.release }));

/** Knows of one version that there was before. */
export const levellingRollout: RollOut = (options) => runRollout({ ...options, previousOf: (job) => options.previousOf?.(job, options.devices[0] as string) });

/** Keeps no record of what it takes back. */
export const silentlyRollingBack: RollOut = (options) => withoutRecordOf(options, 'rollout-rolled-back');

/** Keeps no record of the waves it begins. */
export const silentlyBeginning: RollOut = (options) => withoutRecordOf(options, 'rollout-wave');

/** Takes every device for its own. */
export const possessiveCampaign: typeof runCampaign = (options) =>
	runCampaign({ ...options, platform: overriding(options.platform, { reserve: () => new Map() }) });

const isPending = (status: ReturnType<StatusOf>): boolean => status === 'pending';

const withStatus = (options: RolloutOptions, change: (status: ReturnType<StatusOf>) => ReturnType<StatusOf>): ReturnType<RollOut> =>
	runRollout({ ...options, service: overriding(options.service, { statusOf: (job, device) => change(options.service.statusOf(job, device)) }) });

type Wave = Parameters<CampaignService['deploy']>[0];

const withDeploy = (options: RolloutOptions, deploy: (wave: Wave, service: CampaignService) => Promise<void>): ReturnType<RollOut> =>
	runRollout({ ...options, service: overriding(options.service, { deploy: (wave) => deploy(wave, options.service) }) });

/** Carries out another plan than the one that it has on record. */
const withOtherPlan = (options: RolloutOptions, other: Partial<RolloutPlan>): ReturnType<RollOut> => {
	const { plan } = options;
	const recorded = (event: BlackstartEvent): BlackstartEvent =>
		event.kind === 'rollout-planned' ? { ...event, waves: planWaves(plan, event.devices), maxFailureRatio: plan.maxFailureRatio } : event;
	return runRollout({ ...options, plan: { ...plan, ...other }, record: (event) => options.record(recorded(event)) });
};

const withoutRecordOf = (options: RolloutOptions, kind: BlackstartEvent['kind']): ReturnType<RollOut> =>
	runRollout({
		...options,
		record: (event) => {
			if (event.kind !== kind) options.record(event);
		},
	});
