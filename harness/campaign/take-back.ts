import type { Release } from '../firmware/index.js';
import type { Clock } from '../time/index.js';
import type { CampaignService, InventoryEntry } from './campaign-service.js';
import { type Assignment, Unfinished } from './unfinished.js';
import { untilOrTimeout } from './until-or-timeout.js';

/**
 * Sends every device that had succeeded what it ran before, as one job for each release that devices go back to. Devices that
 * were still at work when the rollout halted are waited for, and those of them that succeed after all follow in jobs of their
 * own. Waits for both, each for `withinMs` at most.
 *
 * @returns the devices that were sent back and did not go, by release, and those that could not be, by reason.
 */
export const takeBack = async ({ rollout, waves, previousOf, hardwareOf, service, clock, withinMs, onSent }: TakeBackOptions): Promise<TakeBackResult> => {
	const sent: (Assignment & { readonly to: string })[] = [];
	const kept = new Map<string, string[]>();
	const settled = new Set<string>();
	const send = async (): Promise<void> => {
		const due = new Map<Release, string[]>();
		for (const { job, devices } of waves) {
			for (const device of devices) {
				if (settled.has(device) || service.statusOf(job, device) !== 'succeeded') continue;
				settled.add(device);
				const previous = previousOf(job, device);
				if (previous === undefined) addTo(kept, { key: 'what they ran before is on no record', device });
				else if (!previous.images.some(({ hardware }) => hardware === hardwareOf(device))) addTo(kept, { key: `${previous.name} has no image`, device });
				else addTo(due, { key: previous, device });
			}
		}
		for (const [release, devices] of due) {
			const job = `${rollout}-rollback-${sent.length + 1}`;
			sent.push({ job, devices, to: release.name });
			onSent({ release, devices });
			await service.deploy({ job, release, devices });
		}
	};
	await send();
	const atWork = new Unfinished(service, waves);
	await untilOrTimeout(clock, { condition: () => atWork.isEmpty(), withinMs, label: `rollout ${rollout}: devices still at work when it halted` });
	await send();
	const returning = new Unfinished(service, sent);
	await untilOrTimeout(clock, { condition: () => returning.isEmpty(), withinMs, label: `rollout ${rollout}: rollback` });
	const notReturned = new Map<string, string[]>();
	for (const { job, devices, to } of sent)
		for (const device of devices) if (service.statusOf(job, device) !== 'succeeded') addTo(notReturned, { key: to, device });
	return {
		sent: sent.reduce((sum, { devices }) => sum + devices.length, 0),
		notReturned: [...notReturned].map(([to, devices]) => ({ to, devices })),
		kept: [...kept].map(([why, devices]) => ({ why, devices })),
	};
};

const addTo = <Key>(groups: Map<Key, string[]>, { key, device }: { readonly key: Key; readonly device: string }): void => {
	const known = groups.get(key);
	if (known === undefined) groups.set(key, [device]);
	else known.push(device);
};

export interface TakeBackOptions {
	readonly rollout: string;
	/** What had gone out. */
	readonly waves: readonly Assignment[];
	/** What a device ran before that job; undefined where nobody knows. */
	previousOf(job: string, device: string): Release | undefined;
	hardwareOf(device: InventoryEntry['device']): string;
	readonly service: CampaignService;
	readonly clock: Clock;
	readonly withinMs: number;
	/** Called before each job. */
	onSent(sent: { readonly release: Release; readonly devices: readonly string[] }): void;
}

export interface TakeBackResult {
	/** Devices that were sent back. */
	readonly sent: number;
	/** By the release that they were sent. */
	readonly notReturned: readonly { readonly to: string; readonly devices: readonly string[] }[];
	readonly kept: readonly { readonly why: string; readonly devices: readonly string[] }[];
}
