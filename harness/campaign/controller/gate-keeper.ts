import { decideGate, type WaveTally } from '../gate.js';
import type { TaskState, WaveState } from './campaign-state.js';
import type { CampaignControl } from './control.js';

export interface Judgement extends WaveTally {
	readonly unhealthy: number;
	/** Why the campaign must halt; undefined where nothing says so. */
	readonly objection: string | undefined;
}

/**
 * Holds a wave, and all that was updated so far, against the gates. `size` is how many devices the wave's shares are of; those
 * that have not ended count as well until they do.
 */
export const judgeWave = (control: CampaignControl, { wave, size }: { readonly wave: WaveState; readonly size: number }): Judgement => {
	const { gates } = control.plan;
	const own = count(wave.tasks);
	const all = count(control.taskOf.values());
	const parts = [
		overFailures({ ...own, size, what: 'of the wave' }, gates.failures),
		overFailures({ ...all, size: Math.max(all.sent, size), what: 'of all so far' }, gates.failures),
		overHealth({ ...own, size, what: 'of the wave' }, gates.health?.unhealthy),
		overHealth({ ...all, size: Math.max(all.sent, size), what: 'of all so far' }, gates.health?.unhealthy),
	];
	return { succeeded: own.succeeded, failed: own.failed, silent: own.silent, unhealthy: own.unhealthy, objection: parts.find((part) => part !== undefined) };
};

interface Count {
	sent: number;
	succeeded: number;
	failed: number;
	silent: number;
	unhealthy: number;
}

interface Sized extends Count {
	readonly size: number;
	readonly what: string;
}

const count = (tasks: Iterable<TaskState>): Count => {
	const counted = { sent: 0, succeeded: 0, failed: 0, silent: 0, unhealthy: 0 };
	for (const { status, unhealthy } of tasks) {
		counted.sent++;
		if (status === 'succeeded') counted.succeeded++;
		else if (status === 'silent') counted.silent++;
		else if (status !== 'pending') counted.failed++;
		if (unhealthy !== undefined) counted.unhealthy++;
	}
	return counted;
};

const overFailures = ({ failed, silent, size, what }: Sized, most: number): string | undefined =>
	decideGate({ succeeded: size - failed - silent, failed, silent }, most) === 'halt'
		? `${failed} failed and ${silent} silent of ${size} ${what}, at most a share of ${most} was allowed`
		: undefined;

const overHealth = ({ unhealthy, size, what }: Sized, most: number | undefined): string | undefined =>
	most !== undefined && size > 0 && unhealthy / size > most ? `${unhealthy} unhealthy of ${size} ${what}, at most a share of ${most} was allowed` : undefined;
