import { EventStory } from './event-story.js';

/** Courses in which nothing is wrong, by what happens in them; for tests of the judge. */
export const RIGHT_STORIES = {
	/** One device, nothing but its first boot. */
	nothing: () => fleet(1).close(),
	update: () => fleet(1).update('d-0', 'v2').cut('d-0').boot('d-0', { cause: 'power-loss' }).close(),
	refusal: () =>
		fleet(1)
			.release('v2-unsigned', { authentic: false, rejection: 'unsigned' })
			.release('v0', { securityCounter: 0 })
			.job('d-0', 'v2-unsigned')
			.download('d-0')
			.refuse('d-0')
			.job('d-0', 'v0')
			.refuse('d-0', 'downgrade refused: security counter 0, 1 or more was expected')
			.close(),
	revert: () => fleet(1).install('d-0', 'v2').boot('d-0', { cause: 'watchdog' }).revert('d-0').ends('d-0', 'FAILED').reports('d-0').close(),
	/** Power goes in the download, and again in the trial. */
	cuts: () =>
		fleet(1)
			.job('d-0', 'v2')
			.cut('d-0')
			.boot('d-0', { cause: 'power-loss' })
			.job('d-0', 'v2')
			.download('d-0', { received: 19, resumes: 1 })
			.requestTrial('d-0')
			.boot('d-0')
			.cut('d-0')
			.boot('d-0', { cause: 'power-loss' })
			.confirm('d-0')
			.ends('d-0', 'SUCCEEDED')
			.reports('d-0')
			.close(),
	/** A bad release gets through its pilot's gate, is halted in the next wave and taken back. */
	rollout: () =>
		fleet(8)
			.release('v2-bad', { bad: true, behaviour: 'fails-self-test' })
			.plan('r', 'v2-bad', { waves: [2, 3, 3] })
			.tell({ kind: 'rollout-wave', rollout: 'r', wave: 0, devices: 2 })
			.update('d-0', 'v2-bad')
			.update('d-1', 'v2-bad')
			.gate('r', 0, { succeeded: 2 })
			.tell({ kind: 'rollout-wave', rollout: 'r', wave: 1, devices: 3 })
			.fail('d-2', 'v2-bad')
			.fail('d-3', 'v2-bad')
			.job('d-4', 'v2-bad')
			.gate('r', 1, { decision: 'halt', failed: 2, silent: 1 })
			.tell({ kind: 'rollout-halted', rollout: 'r', reason: 'wave 1: 2 failed and 1 silent of 3' })
			.ends('d-4', 'CANCELED')
			.tell({ kind: 'rollout-rolled-back', rollout: 'r', release: 'v1', devices: 2 })
			.update('d-0', 'v1')
			.update('d-1', 'v1')
			.tell({ kind: 'rollout-ended', rollout: 'r', outcome: 'rolled-back', succeeded: 2, failed: 2, untouched: 4 })
			.close(),
	/** The image on trial migrates the settings and is reverted; its fix finds what it had left and stays. */
	migration: () => {
		const story = fleet(1).release('v3').install('d-0', 'v2').migrate('d-0').boot('d-0', { cause: 'crash' }).revert('d-0').ends('d-0', 'FAILED').reports('d-0');
		return story.install('d-0', 'v3').migrate('d-0').confirm('d-0').boot('d-0', { cause: 'power-on' }).ends('d-0', 'SUCCEEDED').reports('d-0').close();
	},
	/** Both boot records are lost: the confirmed image runs as a trial, and confirms itself anew. */
	recovery: () =>
		fleet(1)
			.update('d-0', 'v2')
			.cut('d-0')
			.boot('d-0', { cause: 'power-loss', trial: true, reverted: true })
			.confirm('d-0')
			.boot('d-0', { cause: 'power-on' })
			.close(),
} as const satisfies Readonly<Record<string, () => EventStory>>;

export type RightStory = keyof typeof RIGHT_STORIES;

/** Devices d-0, d-1 … of one hardware on v1, with a v2 of a higher security counter published. */
export const fleet = (devices: number): EventStory => {
	const story = new EventStory().release('v1').release('v2', { securityCounter: 2 });
	for (let index = 0; index < devices; index++) story.device(`d-${index}`);
	return story;
};
