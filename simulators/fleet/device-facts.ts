import type { DeviceFacts } from '../dialects/index.js';
import { type Device, UpdateJournal } from '../device/index.js';

/** What a device's client of another protocol reads from its flash, each time anew. */
export const factsOf = (device: Device): DeviceFacts => ({
	id: device.id,
	hardware: device.profile.hardware,
	get running() {
		const { version = '', digest = '' } = device.running ?? {};
		return { version, digest };
	},
	get unfinished() {
		const outcome = device.outcome.pending();
		if (outcome) return { job: outcome.job, phase: 'over' } as const;
		const journal = new UpdateJournal({ flash: device.flash, area: device.profile.layout.journal }).current();
		return journal === null ? undefined : ({ job: journal.job, phase: journal.phase === 'trial-requested' ? 'trial' : 'downloading' } as const);
	},
	hasEnded: (job) => device.outcome.recall(job) !== undefined,
});
