import type { Release } from '../../firmware/index.js';
import type { TaskState, WaveState } from './campaign-state.js';
import type { CampaignControl } from './control.js';
import { judgeWave } from './gate-keeper.js';
import { driftOf } from './inventory-check.js';
import { abortCampaign } from './abort-campaign.js';
import { type Cohort, formCohorts, ReadinessCheck } from './readiness.js';
import { examineUpdated, sendJob, sendLostJobs, watchTasks } from './tasks.js';

/** Of so many examinations of a wave's updated devices, one is of all that were updated. */
const EXAMINE_ALL_EVERY = 6;

/** Brings one wave to its gate, from wherever it stands: starts devices as their windows and what they need let it, watches, soaks, decides. */
export const runWave = async (control: CampaignControl, index: number): Promise<void> => {
	const wave = control.state.waves[index] as WaveState;
	if (wave.startedMs === undefined) startWave(control, { wave, index });
	const releaseOf = (): Release => control.options.release;
	await sendLostJobs(control, { tasks: wave.tasks, releaseOf });
	let todo = formCohorts(
		control,
		wave.devices.filter((device) => !control.taskOf.has(device) && !control.leftOut.has(device)),
	);
	let open: readonly TaskState[] = wave.tasks.filter(({ status }) => status === 'pending');
	let examineMs = control.epochMs;
	let judged = -1;
	let examinations = 0;
	for (;;) {
		open = watchTasks(control, { tasks: open, releaseOf });
		const order = control.abortOrder;
		if (order !== undefined) return abortCampaign(control, { order, index });
		if (control.epochMs >= examineMs) {
			examineUpdated(control, examinations++ % EXAMINE_ALL_EVERY === 0 ? control.taskOf.values() : wave.tasks);
			examineMs = control.epochMs + control.examineEveryMs;
		}
		if (control.revision !== judged) {
			judged = control.revision;
			const { objection } = judgeWave(control, { wave, size: wave.tasks.length + countOf(todo) });
			if (objection !== undefined) return closeGate(control, { wave, index });
		}
		const round = await startReady(control, { wave, index, todo });
		todo = round.todo;
		open = [...open, ...round.sent];
		if (open.length + countOf(todo) === 0 && isSoaked(control, wave)) return closeGate(control, { wave, index });
		await control.pause(
			nextLookMs(control, { wave, isAtWork: open.length > 0, todo: countOf(todo), opensMs: round.opensMs }),
			`campaign ${control.plan.name}: wave ${index}`,
		);
	}
};

const startWave = (control: CampaignControl, { wave, index }: { readonly wave: WaveState; readonly index: number }): void => {
	const { plan, options, epochMs } = control;
	control.decide({ what: 'wave-started', why: `${index === 0 ? 'the pilot' : `wave ${index}`}: ${wave.devices.length} devices` });
	options.record({ kind: 'rollout-wave', at: options.clock.nowMs, rollout: plan.name, wave: index, devices: wave.devices.length });
	wave.startedMs = epochMs;
	control.save();
};

/** Starts what may start and drops what never will; says when the next window of those that wait opens. */
const startReady = async (
	control: CampaignControl,
	{ wave, index, todo }: { readonly wave: WaveState; readonly index: number; readonly todo: readonly Cohort[] },
): Promise<{ readonly todo: readonly Cohort[]; readonly sent: readonly TaskState[]; readonly opensMs: number | undefined }> => {
	const readiness = new ReadinessCheck(control);
	const ready: string[] = [];
	const waiting: Cohort[] = [];
	let dropped = 0;
	const left = control.leftOut.size;
	let opensMs: number | undefined;
	for (const cohort of todo) {
		const answer = readiness.of(cohort);
		if (answer.kind === 'ready') ready.push(...cohort.devices.filter((device) => !isLostToDrift(control, device)));
		else if (answer.kind === 'lost') {
			dropped += cohort.devices.length;
			for (const device of cohort.devices) drop(control, { device, why: answer.why });
		} else {
			waiting.push(cohort);
			if (answer.why !== undefined) tellWaiting(control, { devices: cohort.devices, why: answer.why });
			if (answer.untilMs !== undefined) opensMs = Math.min(opensMs ?? answer.untilMs, answer.untilMs);
		}
	}
	if (dropped > 0 || control.leftOut.size > left) control.save();
	if (ready.length === 0) return { todo: waiting, sent: [], opensMs };
	const job = `${control.plan.name}-wave-${index}-${++control.state.jobs}`;
	const { release } = control.options;
	const from = wave.tasks.length;
	const sent = await sendJob(control, { job, release, devices: ready, tasks: wave.tasks, what: 'device-started', why: job });
	for (const task of wave.tasks.slice(from)) control.taskOf.set(task.device, task);
	return { todo: waiting, sent, opensMs };
};

/** A device may have been changed since the campaign was planned: whoever did it knows why, and the campaign does not. */
const isLostToDrift = (control: CampaignControl, device: string): boolean => {
	const { plan, options, surveyed, platform, state } = control;
	const [entry, baseline] = [platform.entryOf(device), surveyed.baselines.get(device)];
	if (entry === undefined || baseline === undefined) return false;
	const drift = driftOf(entry, { baseline, releaseVersion: options.release.version });
	const fresh = drift.find(({ what, got }) => !state.drift.some((known) => known.device === device && known.what === what && known.got === got));
	if (fresh === undefined) return false;
	const why = `since the campaign was planned: ${fresh.what} ${fresh.expected} was expected, got ${fresh.got}`;
	control.decide({ what: 'drift', why, device });
	if (plan.drifted === 'update' && fresh.what !== 'hardware') return false;
	drop(control, { device, why: `it drifted ${why}` });
	return true;
};

const countOf = (cohorts: readonly Cohort[]): number => cohorts.reduce((sum, { devices }) => sum + devices.length, 0);

const tellWaiting = (control: CampaignControl, { devices, why }: { readonly devices: readonly string[]; readonly why: string }): void => {
	for (const device of devices) {
		if (control.waiting.has(device)) continue;
		control.waiting.add(device);
		control.decide({ what: 'device-waits', why, device });
	}
};

const drop = (control: CampaignControl, { device, why }: { readonly device: string; readonly why: string }): void => {
	control.decide({ what: 'device-left-out', why, device });
	control.state.leftOut.push({ device, reason: why });
	control.leftOut.add(device);
};

/** Whether a wave whose devices have all ended was watched long enough. */
const isSoaked = (control: CampaignControl, wave: WaveState): boolean => {
	if (wave.soakUntilMs === undefined) {
		const { soak, watch } = control.plan;
		const isLast = wave === control.state.waves.at(-1);
		const watchedMs = isLast && watch !== undefined ? Math.max(watch, soak ?? 0) : soak;
		wave.soakUntilMs = control.epochMs + (watchedMs ?? 0);
		if (watchedMs !== undefined) {
			control.decide({ what: 'soak-started', why: `all devices have ended; watched for ${watchedMs / 1_000} s` });
			control.save();
		}
	}
	return control.epochMs >= wave.soakUntilMs;
};

const nextLookMs = (
	control: CampaignControl,
	{ wave, isAtWork, todo, opensMs }: { readonly wave: WaveState; readonly isAtWork: boolean; readonly todo: number; readonly opensMs: number | undefined },
): number => {
	if (isAtWork) return control.pollMs;
	const { epochMs } = control;
	const dueMs = todo > 0 ? opensMs : wave.soakUntilMs;
	return Math.max(1, Math.min((dueMs ?? epochMs + control.pollMs) - epochMs, control.taskOf.size > 0 ? control.examineEveryMs : Number.POSITIVE_INFINITY));
};

const closeGate = (control: CampaignControl, { wave, index }: { readonly wave: WaveState; readonly index: number }): void => {
	const { plan, options, state, epochMs } = control;
	examineUpdated(control, control.taskOf.values());
	const { objection, succeeded, failed, silent, unhealthy } = judgeWave(control, { wave, size: Math.max(1, wave.tasks.length) });
	const atWork = wave.tasks.filter(({ status }) => status === 'pending').length;
	const decision = objection === undefined ? 'go' : 'halt';
	const tally = { succeeded, failed, silent: silent + atWork };
	control.decide({
		what: `gate-${decision}`,
		why: objection ?? `wave ${index}: ${succeeded} succeeded, ${failed} failed, ${silent} silent, ${unhealthy} unhealthy`,
	});
	options.record({ kind: 'rollout-gate', at: options.clock.nowMs, rollout: plan.name, wave: index, decision, ...tally });
	wave.decision = decision;
	wave.endedMs = epochMs;
	wave.unhealthy = unhealthy;
	if (objection !== undefined) {
		state.phase = 'halted';
		state.haltedAtWave = index;
		state.haltedMs = epochMs;
		state.reason = `wave ${index}: ${objection}`;
		options.record({ kind: 'rollout-halted', at: options.clock.nowMs, rollout: plan.name, reason: state.reason });
	}
	control.save();
};
