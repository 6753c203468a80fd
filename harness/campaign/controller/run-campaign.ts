import { abortCampaign } from './abort-campaign.js';
import type { CampaignState, TaskState } from './campaign-state.js';
import { NO_STORE } from './campaign-state.js';
import { CampaignControl, type CampaignOptions, type Decision } from './control.js';
import { type CampaignOutcome, describeOutcome, describeRefusal } from './outcome.js';
import { digestOf, prepareCampaign, surveyAgain } from './prepare.js';
import { runWave } from './run-wave.js';
import { takeBackDevices } from './take-back.js';
import { watchTasks } from './tasks.js';

/**
 * Carries out a plan: checks everything, then sends wave after wave, each behind its gates; halts and takes back where a gate
 * says so. Every decision is told through `record`, as a `campaign-decision`, before it is carried out and kept in the store
 * before anything is sent; a controller given the store of one that was killed goes on from there, and sends nothing twice.
 *
 * Rejects with a CampaignKilledError where `signal` ended it, and with a RangeError for a store of another plan or release.
 */
export const runCampaign = async (options: CampaignOptions): Promise<CampaignOutcome> => {
	const { plan, store = NO_STORE, clock, record, platform } = options;
	const decide = ({ who = 'controller', what, why, device, group, digest }: Decision): void =>
		record({
			kind: 'campaign-decision',
			at: clock.nowMs,
			campaign: plan.name,
			who,
			what,
			...(device === undefined ? {} : { device }),
			...(group === undefined ? {} : { group }),
			...(digest === undefined ? {} : { digest }),
			why,
		});
	const kept = store.load();
	if (kept !== undefined && kept.planDigest !== digestOf(options))
		throw new RangeError(`store: the state of this plan and release was expected, got one of campaign ${kept.campaign} that differs`);
	if (kept !== undefined && kept.phase !== 'reserving') {
		if (kept.phase === 'ended') {
			platform.free(kept.reservation);
			return describeOutcome(kept, { endedMs: kept.endedMs ?? clock.epochMs });
		}
		decide({
			what: 'resumed',
			why: `another controller goes on where the one before stopped, ${kept.waves.filter(({ decision }) => decision !== undefined).length} of ${kept.waves.length} waves through`,
		});
		return carryOut(new CampaignControl(options, { state: kept, surveyed: surveyAgain(options), decide, save: () => store.save(kept) }));
	}
	// A controller that was killed while it asked for its devices may have them: its follower asks under the same name.
	const keepReservation = (state: CampaignState): string => {
		const reservation = kept?.reservation ?? platform.openReservation();
		store.save({ ...state, reservation });
		return reservation;
	};
	const prepared = await prepareCampaign(options, { decide, keepReservation });
	if ('refused' in prepared) return describeRefusal(plan.name, prepared);
	const { state, surveyed } = prepared;
	const control = new CampaignControl(options, { state, surveyed, decide, save: () => store.save(state) });
	control.save();
	return carryOut(control);
};

const carryOut = async (control: CampaignControl): Promise<CampaignOutcome> => {
	const { state } = control;
	for (const [index, wave] of state.waves.entries()) {
		if (state.phase !== 'waves') break;
		if (wave.decision === undefined) {
			const order = control.abortOrder;
			if (order === undefined) await runWave(control, index);
			else abortCampaign(control, { order, index });
		}
		if (wave.decision === 'go') await undoBrokenUnits(control, wave.tasks);
	}
	if (state.phase === 'halted') await afterHalt(control);
	return end(control);
};

/** Devices that go together or not at all, some of which failed or were never begun: the others go back. */
const undoBrokenUnits = async (control: CampaignControl, tasks: readonly TaskState[]): Promise<void> => {
	const { surveyed, taskOf, updatedBefore } = control;
	const { dependencies } = surveyed;
	const isUpdated = (device: string): boolean => updatedBefore.has(device) || taskOf.get(device)?.status === 'succeeded';
	const units = new Set(tasks.map(({ device }) => dependencies.unitOf(device)));
	const broken = new Set([...units].filter((unit) => unit?.devices.some((device) => !isUpdated(device))));
	const from = tasks.filter(({ device, status }) => status === 'succeeded' && broken.has(dependencies.unitOf(device)));
	if (from.length > 0) await takeBackDevices(control, { from, lateUntilMs: control.epochMs, why: 'what goes together with it failed' });
};

const afterHalt = async (control: CampaignControl): Promise<void> => {
	const { state, plan, platform, options } = control;
	const tasks = state.waves.flatMap((wave) => wave.tasks);
	const isPending = ({ job, device }: TaskState): boolean => platform.statusOf(job, device) === 'pending';
	if (plan.halt === 'cancel-pending') {
		for (const job of new Set(tasks.filter(isPending).map((task) => task.job))) {
			control.decide({ what: 'job-cancelled', why: `${job}: what no device has begun is taken back` });
			await platform.cancel(job);
		}
	}
	const lateUntilMs = (state.haltedMs ?? control.epochMs) + plan.deviceTimeout;
	const isTakenBack = state.abort === undefined ? plan.rollback !== 'none' : state.abort.takeBack === true;
	if (isTakenBack) {
		if (state.isTakenBack !== true) {
			const back = new Set(tasks.flatMap(({ device }) => control.previousOf(device) ?? []));
			control.decide({
				what: 'rollback-started',
				why: `devices that took the release go back to ${[...back].map(({ name, version }) => `${name} ${version}`).join(', ')}`,
			});
			state.isTakenBack = true;
		}
		await takeBackDevices(control, { from: tasks, lateUntilMs, why: state.reason ?? 'halted' });
	}
	let open = tasks.filter(({ status }) => status === 'pending');
	for (;;) {
		open = [...watchTasks(control, { tasks: open, releaseOf: () => options.release })];
		if (open.length === 0) break;
		await control.pause(control.pollMs, `campaign ${plan.name}: devices still at work when it halted`);
	}
	if (!isTakenBack) await undoBrokenUnits(control, tasks);
};

const end = (control: CampaignControl): CampaignOutcome => {
	const { state, plan, options } = control;
	state.phase = 'ended';
	state.endedMs = control.epochMs;
	const result = describeOutcome(state as CampaignState, { endedMs: control.epochMs });
	const { outcome, succeeded, failed, untouched } = result;
	control.decide({
		what: outcome,
		why: `${succeeded} succeeded, ${failed} failed, ${untouched} untouched, ${result.stuck.length} stuck, ${result.sentBack} sent back`,
	});
	if (outcome !== 'refused') options.record({ kind: 'rollout-ended', at: options.clock.nowMs, rollout: plan.name, outcome, succeeded, failed, untouched });
	control.save();
	control.platform.free(state.reservation);
	return result;
};
