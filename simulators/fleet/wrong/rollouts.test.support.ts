import { type CampaignService, runRollout } from '../../../harness/campaign/index.js';

/** Counts every job that ended as one that succeeded. */
export const blindRollout: typeof runRollout = (options) => runRollout({ ...options, service: withoutFailures(options.service) });

const withoutFailures = (service: CampaignService): CampaignService => ({
	inventory: () => service.inventory(),
	deploy: (job) => service.deploy(job),
	cancel: (job) => service.cancel(job),
	statusOf: (job, device) => (service.statusOf(job, device) === 'failed' ? 'succeeded' : service.statusOf(job, device)),
});
