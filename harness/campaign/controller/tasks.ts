import type { Release } from '../../firmware/index.js';
import type { TaskState } from './campaign-state.js';
import { assertAlive, type CampaignControl } from './control.js';
import { healthProblem } from './health-check.js';
import { isVersion } from './inventory-check.js';

/** Sends a release to devices as one job, noted before it goes out. */
export const sendJob = async (
	control: CampaignControl,
	{
		job,
		release,
		devices,
		tasks,
		what,
		why,
	}: {
		readonly job: string;
		readonly release: Release;
		readonly devices: readonly string[];
		readonly tasks: TaskState[];
		readonly what: string;
		readonly why: string;
	},
): Promise<readonly TaskState[]> => {
	const sent = devices.map((device): TaskState => {
		const health = control.platform.entryOf(device)?.health;
		control.decide({ what, why, device, ...control.digestFor(device, release) });
		return { device, job, sentMs: control.epochMs, status: 'pending', ...closeOf(control, device), ...(health === undefined ? {} : { before: health }) };
	});
	tasks.push(...sent);
	control.save();
	await control.platform.deploy({ job, release, devices });
	assertAlive(control.options);
	return sent;
};

/** The end of the window that is open for a device now. */
const closeOf = (control: CampaignControl, device: string): Pick<TaskState, 'closesMs'> => {
	const { epochMs, plan } = control;
	const time = control.windowsOf(device).nextWith(plan.updateTakes, { epochMs });
	return time === undefined || time.opensMs > epochMs || time.closesMs === Number.POSITIVE_INFINITY ? {} : { closesMs: time.closesMs };
};

/** Sends again what another controller had noted and did not live to send. */
export const sendLostJobs = async (
	control: CampaignControl,
	{ tasks, releaseOf }: { readonly tasks: readonly TaskState[]; readonly releaseOf: (device: string) => Release },
): Promise<void> => {
	const jobs = new Map<string, string[]>();
	for (const { job, device, status } of tasks) {
		if (status !== 'pending' || control.platform.hasJob(job)) continue;
		jobs.set(job, [...(jobs.get(job) ?? []), device]);
	}
	for (const [job, devices] of jobs) {
		// A job brings one release to all that it is for.
		const release = releaseOf(devices[0] as string);
		for (const device of devices)
			control.decide({ what: 'sent-again', why: `${job} was noted, and the service never had it`, device, ...control.digestFor(device, release) });
		await control.platform.deploy({ job, release, devices });
		assertAlive(control.options);
	}
};

/**
 * Takes in what became of pending tasks; returns those that still are. Says who is stuck, and gives up on who is too late. A
 * device that is still at work when its window closes is named, and let finish: half an update is worse for whoever works there
 * than a late one, and breaking it off would begin it anew in the next window.
 */
export const watchTasks = (
	control: CampaignControl,
	{ tasks, releaseOf }: { readonly tasks: readonly TaskState[]; readonly releaseOf: (device: string) => Release },
): readonly TaskState[] => {
	const { plan, platform, epochMs } = control;
	let changed = false;
	const open = tasks.filter((task) => {
		const status = platform.statusOf(task.job, task.device);
		const forMs = epochMs - task.sentMs;
		const why = `${task.job} after ${Math.round(forMs / 1_000)} s`;
		if (status === 'pending' && task.overranSince === undefined && epochMs >= (task.closesMs ?? Number.POSITIVE_INFINITY)) {
			task.overranSince = epochMs;
			changed = true;
			control.decide({ what: 'window-overrun', why: `${task.job}: its maintenance window closed, and it is let finish`, device: task.device });
		}
		if (status !== 'pending') {
			task.status = status;
			task.endedMs = epochMs;
			control.decide({ what: `device-${status}`, why, device: task.device, ...control.digestFor(task.device, releaseOf(task.device)) });
		} else if (forMs >= plan.deviceTimeout) {
			task.status = 'silent';
			task.endedMs = epochMs;
			control.decide({ what: 'device-silent', why: `${task.job} did not end within ${plan.deviceTimeout / 1_000} s`, device: task.device });
		} else if (forMs >= plan.stuckAfter && task.stuckSince === undefined) {
			task.stuckSince = epochMs;
			control.decide({ what: 'device-stuck', why: `${task.job} has not ended for ${Math.round(forMs / 1_000)} s`, device: task.device });
		} else return true;
		changed = true;
		return task.status === 'pending';
	});
	if (changed) control.save();
	return open;
};

/** Looks again at devices that had succeeded: at what the service says of them now, at their reports, at how they are. */
export const examineUpdated = (control: CampaignControl, tasks: Iterable<TaskState>): void => {
	const { plan, platform, epochMs, options } = control;
	const { silence, health: bounds } = plan.gates;
	let changed = false;
	for (const task of tasks) {
		if (task.status !== 'succeeded' || task.unhealthy !== undefined) continue;
		const decide = (what: string, why: string): void => {
			changed = true;
			control.decide({ what, why, device: task.device });
		};
		if (platform.statusOf(task.job, task.device) === 'failed') {
			task.status = 'failed';
			decide('device-failed', `${task.job}: the service took its success back`);
			continue;
		}
		const entry = platform.entryOf(task.device);
		if (entry === undefined) continue;
		if ((entry.reportedEpochMs ?? 0) > (task.endedMs ?? Number.POSITIVE_INFINITY) && !isVersion(entry.version, options.release.version)) {
			task.status = 'failed';
			decide('device-drifted', `${task.job} succeeded, and by now it runs ${entry.version}`);
			continue;
		}
		const heardMs = Math.max(task.endedMs ?? 0, entry.reportedEpochMs ?? 0);
		if (silence !== undefined && epochMs - heardMs > silence) {
			task.status = 'silent';
			decide('device-silent', `it was updated and has reported nothing for ${Math.round((epochMs - heardMs) / 1_000)} s`);
			continue;
		}
		if (bounds === undefined || entry.health === undefined || (entry.reportedEpochMs ?? 0) < (task.endedMs ?? 0)) continue;
		task.after ??= { ...entry.health, atMs: entry.reportedEpochMs ?? epochMs };
		const problem = healthProblem(entry, { bounds, task, nowMs: entry.reportedEpochMs ?? epochMs });
		if (problem === undefined) continue;
		task.unhealthy = problem;
		decide('device-unhealthy', problem);
	}
	if (changed) control.save();
};
