import type { Release } from '../../firmware/index.js';
import type { TaskState } from './campaign-state.js';
import type { CampaignControl } from './control.js';
import { sendJob, sendLostJobs, watchTasks } from './tasks.js';

export interface TakeBackOptions {
	/** The devices that may have to go back; those that took the release do. */
	readonly from: readonly TaskState[];
	/** Until when devices that are still at work may yet take it, milliseconds since the epoch. */
	readonly lateUntilMs: number;
	readonly why: string;
}

/**
 * Sends the version before to every device that took the release, and to those still at work that take it after all. With
 * `rollback: in-windows` each waits for its window. Resolves when all have ended or had their time.
 */
export const takeBackDevices = async (control: CampaignControl, { from, lateUntilMs, why }: TakeBackOptions): Promise<void> => {
	const { state, platform, plan } = control;
	const settled = new Set([...state.back, ...state.notReturned].map(({ device }) => device));
	// What was sent back had something to go back to.
	const releaseOf = (device: string): Release => control.previousOf(device) as Release;
	await sendLostJobs(control, { tasks: state.back, releaseOf });
	let open: readonly TaskState[] = state.back.filter(({ status }) => status === 'pending');
	let candidates = from.filter(({ device }) => !settled.has(device));
	for (;;) {
		open = watchBack(control, { open, releaseOf });
		const due: string[] = [];
		let opensMs: number | undefined;
		let isLate = false;
		candidates = candidates.filter((task) => {
			const status = platform.statusOf(task.job, task.device);
			if (status === 'pending') isLate = true;
			if (status !== 'succeeded') return status === 'pending';
			const previous = control.previousOf(task.device);
			const hardware = platform.entryOf(task.device)?.hardware;
			if (previous?.images.some((image) => image.hardware === hardware) !== true) {
				keepOn(control, { device: task.device, why: previous === undefined ? 'there is nothing to go back to' : `${previous.name} has no image for it` });
				return false;
			}
			const time = plan.rollback === 'in-windows' ? control.windowsOf(task.device).nextWith(plan.updateTakes, { epochMs: control.epochMs }) : undefined;
			if (time !== undefined && time.opensMs > control.epochMs) {
				opensMs = Math.min(opensMs ?? time.opensMs, time.opensMs);
				return true;
			}
			due.push(task.device);
			return false;
		});
		for (const [previous, devices] of byRelease(due, releaseOf)) open = [...open, ...(await send(control, { previous, due: devices, why }))];
		const isWaiting = open.length > 0 || opensMs !== undefined || (isLate && control.epochMs < lateUntilMs);
		if (!isWaiting) return;
		await control.pause(open.length > 0 || isLate ? control.pollMs : Math.max(1, (opensMs ?? 0) - control.epochMs), `campaign ${plan.name}: rollback`);
	}
};

const byRelease = (devices: readonly string[], releaseOf: (device: string) => Release): ReadonlyMap<Release, readonly string[]> => {
	const groups = new Map<Release, string[]>();
	for (const device of devices) {
		const release = releaseOf(device);
		const group = groups.get(release);
		if (group === undefined) groups.set(release, [device]);
		else group.push(device);
	}
	return groups;
};

const send = (
	control: CampaignControl,
	{ previous, due, why }: { readonly previous: Release; readonly due: readonly string[]; readonly why: string },
): Promise<readonly TaskState[]> => {
	const { options, plan, state } = control;
	const job = `${plan.name}-rollback-${++state.jobs}`;
	options.record({ kind: 'rollout-rolled-back', at: options.clock.nowMs, rollout: plan.name, release: previous.name, devices: due.length });
	return sendJob(control, { job, release: previous, devices: due, tasks: state.back, what: 'device-sent-back', why: `${job}: ${why}` });
};

const watchBack = (
	control: CampaignControl,
	{ open, releaseOf }: { readonly open: readonly TaskState[]; readonly releaseOf: (device: string) => Release },
): readonly TaskState[] => {
	const still = watchTasks(control, { tasks: open, releaseOf });
	const left = new Set(still);
	for (const task of open) {
		if (left.has(task) || task.status === 'succeeded') continue;
		keepOn(control, { device: task.device, why: `${task.job} ended ${task.status}` });
	}
	return still;
};

const keepOn = (control: CampaignControl, { device, why }: { readonly device: string; readonly why: string }): void => {
	control.decide({ what: 'device-not-returned', why, device });
	control.state.notReturned.push({ device, reason: why });
	control.save();
};
