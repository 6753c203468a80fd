import type { Release } from '../ports/index.js';
import type { Clock } from '../time/index.js';
import type { CampaignService, InventoryEntry } from './campaign-service.js';
import { type Assignment, Unfinished } from './unfinished.js';
import { untilOrTimeout } from './until-or-timeout.js';

/**
 * Sends the previous release to every device that had succeeded, as one job. Devices that were still at work when the
 * rollout halted are waited for, and those of them that succeed after all follow as a second job. Waits for both, each
 * for `withinMs` at most.
 *
 * @returns the devices that the previous release was sent to but did not take, and those it has no image for.
 */
export const takeBack = async ({ rollout, waves, previous, hardwareOf, service, clock, withinMs, onSent }: TakeBackOptions): Promise<TakeBackResult> => {
	const supported = new Set(previous.images.map((image) => image.hardware));
	const sent: Assignment[] = [];
	const withoutImage: string[] = [];
	const settled = new Set<string>();
	const send = async (job: string): Promise<void> => {
		const devices: string[] = [];
		for (const wave of waves) {
			for (const device of wave.devices) {
				if (settled.has(device) || service.statusOf(wave.job, device) !== 'succeeded') continue;
				settled.add(device);
				(supported.has(hardwareOf(device)) ? devices : withoutImage).push(device);
			}
		}
		if (devices.length === 0) return;
		sent.push({ job, devices });
		onSent(devices.length);
		await service.deploy({ job, release: previous, devices });
	};
	await send(`${rollout}-rollback`);
	const atWork = new Unfinished(service, waves);
	await untilOrTimeout(clock, { condition: () => atWork.isEmpty(), withinMs, label: `rollout ${rollout}: devices still at work when it halted` });
	await send(`${rollout}-rollback-late`);
	const returning = new Unfinished(service, sent);
	await untilOrTimeout(clock, { condition: () => returning.isEmpty(), withinMs, label: `rollout ${rollout}: rollback to ${previous.name}` });
	const notReturned = sent.flatMap(({ job, devices }) => devices.filter((device) => service.statusOf(job, device) !== 'succeeded'));
	return { sent: sent.reduce((sum, { devices }) => sum + devices.length, 0), notReturned, withoutImage };
};

export interface TakeBackOptions {
	readonly rollout: string;
	/** What had gone out. */
	readonly waves: readonly Assignment[];
	readonly previous: Release;
	hardwareOf(device: InventoryEntry['device']): string;
	readonly service: CampaignService;
	readonly clock: Clock;
	readonly withinMs: number;
	/** Called before each job, with the devices it goes to. */
	onSent(devices: number): void;
}

export interface TakeBackResult {
	/** Devices that the previous release was sent to. */
	readonly sent: number;
	readonly notReturned: readonly string[];
	readonly withoutImage: readonly string[];
}
