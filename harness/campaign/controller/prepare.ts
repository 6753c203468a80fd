import { createHash } from 'node:crypto';
import type { LeftOut } from '../compatible-devices.js';
import type { CampaignState } from './campaign-state.js';
import { abortOrderOf, assertAlive, type CampaignOptions, type Decision, pauseUnlessKilled, type Surveyed, withGroup } from './control.js';
import { type Baseline, checkInventory } from './inventory-check.js';
import { orderWaves } from './order-waves.js';
import { selectDevices } from './select-devices.js';

export interface Prepared {
	readonly state: CampaignState;
	readonly surveyed: Surveyed;
}

/** Why nothing went out at all. */
export interface Refusal {
	readonly refused: string;
	readonly state?: Pick<CampaignState, 'drift' | 'leftOut'>;
}

/** All that comes before the first job: the approval, the drift, the checks, the backups, the waves. */
export const prepareCampaign = async (
	options: CampaignOptions,
	{
		decide: tell,
		keepReservation,
	}: {
		readonly decide: (decision: Decision) => void /** Names what the devices are kept under, once that name is safe. */;
		readonly keepReservation: (state: CampaignState) => string;
	},
): Promise<Prepared | Refusal> => {
	const { plan, release, clock, random, platform } = options;
	let baselines: ReadonlyMap<string, Baseline> = new Map();
	const decide = (decision: Decision): void => tell(withGroup(decision, baselines));
	const approver = plan.approver?.trim() ?? '';
	const refuse = (why: string, state?: Refusal['state']): Refusal => {
		decide({ what: 'refused', why });
		return { refused: why, ...(state === undefined ? {} : { state }) };
	};
	if (approver === '') return refuse('no named person approved it: nothing goes out');
	if (plan.rollback !== 'none' && options.previous === undefined) return refuse('a rollback is planned, and there is no release to go back to');
	if (plan.dependencies.some(({ together }) => together !== undefined) && options.previous === undefined)
		return refuse('devices go together or not at all, and there is no release that those could go back to whose partners fail');
	decide({ who: approver, what: 'approved', why: `${release.name} ${release.version} by plan ${plan.name}` });
	if (plan.starts !== undefined && plan.starts > clock.epochMs)
		await pauseUnlessKilled(options, { delayMs: plan.starts - clock.epochMs, label: `campaign ${plan.name}: its start` });
	const entries = platform.inventory();
	const checked = checkInventory(plan, { entries, releaseVersion: release.version });
	const { drift } = checked;
	baselines = checked.baselines;
	for (const { device, what, expected, got } of drift) decide({ what: 'drift', why: `${what}: ${expected} was expected, got ${got}`, device });
	const known = new Map(entries.map((entry) => [entry.device, entry]));
	const selection = selectDevices({ plan, release, baselines, drift, entryOf: (device) => known.get(device) });
	const leftOut = [...selection.leftOut];
	for (const { device, reason } of leftOut) decide({ what: 'device-left-out', why: reason, device });
	const objection = options.preflight === false ? undefined : objectionToRelease(options, selection.devices);
	if (objection !== undefined) return refuse(objection, { drift, leftOut });
	const backup = await backUp(options, { devices: selection.devices, decide });
	if (backup.problem !== undefined) return refuse(backup.problem, { drift, leftOut });
	leftOut.push(...backup.leftOut);
	const lost = new Set(backup.leftOut.map(({ device }) => device));
	const order = abortOrderOf(options);
	if (order !== undefined) {
		decide({ who: order.who, what: 'aborted', why: `before anything was sent: ${order.why}` });
		return refuse(`aborted by ${order.who}: ${order.why}`, { drift, leftOut });
	}
	const passed = selection.devices.filter(({ device }) => !lost.has(device));
	const blank = describeBlank(options, approver);
	const reservation = keepReservation(blank);
	const { devices, others } = reserve(options, { reservation, passed, leftOut, decide });
	if (devices.length === 0) {
		platform.free(reservation);
		return refuse(others.length > 0 ? `no device is left: those that passed the checks are ${others.join("'s and ")}'s` : 'no device passed the checks', {
			drift,
			leftOut,
		});
	}
	const surveyed = { baselines, dependencies: selection.dependencies };
	const waves = orderWaves(devices, { plan, dependencies: selection.dependencies, random: random.stream('waves') });
	const state: CampaignState = {
		...blank,
		reservation,
		drift,
		leftOut,
		updatedBefore: selection.updatedBefore,
		waves: waves.map((devices) => ({ devices, tasks: [], unhealthy: 0 })),
		phase: 'waves',
	};
	announce(options, { state, decide });
	return { state, surveyed };
};

/** A campaign of which nothing is decided. */
const describeBlank = (options: CampaignOptions, approver: string): CampaignState => ({
	campaign: options.plan.name,
	planDigest: digestOf(options),
	startedMs: options.clock.epochMs,
	approver,
	reservation: '',
	drift: [],
	leftOut: [],
	updatedBefore: [],
	waves: [],
	phase: 'reserving',
	jobs: 0,
	back: [],
	notReturned: [],
});

/** What the devices that are to go would refuse the release for. */
const objectionToRelease = ({ release, platform }: CampaignOptions, devices: readonly Baseline[]): string | undefined => {
	const wanted = new Set(devices.map(({ hardware }) => hardware));
	for (const image of release.images) {
		const objection = wanted.has(image.hardware) ? platform.objectionToImage(image) : undefined;
		if (objection !== undefined) return `every ${image.hardware} would refuse ${release.name} ${release.version}: ${objection}`;
	}
	return undefined;
};

/** Keeps the devices for this campaign; those of another one are added to `leftOut`. */
const reserve = (
	{ plan, platform }: CampaignOptions,
	{
		reservation,
		passed,
		leftOut,
		decide,
	}: {
		readonly reservation: string;
		readonly passed: readonly Baseline[];
		readonly leftOut: LeftOut[];
		readonly decide: (decision: Decision) => void;
	},
): { readonly devices: readonly Baseline[]; readonly others: readonly string[] } => {
	const held = platform.reserve({ id: reservation, campaign: plan.name, devices: passed.map(({ device }) => device) });
	for (const [device, holder] of held) {
		const reason = `campaign ${holder} holds it`;
		leftOut.push({ device, reason });
		decide({ what: 'device-left-out', why: reason, device });
	}
	const devices = passed.filter(({ device }) => !held.has(device));
	if (devices.length > 0) decide({ what: 'devices-reserved', why: `${devices.length} devices are kept for it as ${reservation}, until it ends` });
	return { devices, others: [...new Set(held.values())] };
};

const announce = (options: CampaignOptions, { state, decide }: { readonly state: CampaignState; readonly decide: (decision: Decision) => void }): void => {
	const { plan, release, clock, record } = options;
	const sizes = state.waves.map(({ devices }) => devices.length);
	const devices = sizes.reduce((sum, size) => sum + size, 0);
	for (const { hardware, digest } of release.images) decide({ what: 'release-chosen', why: `${release.name} ${release.version} for ${hardware}`, digest });
	decide({ what: 'planned', why: `${devices} devices in waves of ${sizes.join(', ')}; ${state.leftOut.length} are left out` });
	record({
		kind: 'rollout-planned',
		at: clock.nowMs,
		rollout: plan.name,
		release: release.name,
		devices,
		waves: sizes,
		maxFailureRatio: plan.gates.failures,
	});
};

/** Surveys again for a controller that goes on with another's state. */
export const surveyAgain = ({ plan, release, platform }: CampaignOptions): Surveyed => {
	const entries = platform.inventory();
	const { baselines, drift } = checkInventory(plan, { entries, releaseVersion: release.version });
	const known = new Map(entries.map((entry) => [entry.device, entry]));
	return { baselines, dependencies: selectDevices({ plan, release, baselines, drift, entryOf: (device) => known.get(device) }).dependencies };
};

/** What a state is about: another plan, or another release, must not go on with it. */
export const digestOf = ({ plan, release }: Pick<CampaignOptions, 'plan' | 'release'>): string =>
	createHash('sha256')
		.update(JSON.stringify([plan, release.name, release.version, release.images.map(({ hardware, digest }) => [hardware, digest])]))
		.digest('hex');

/** Backs up every device, then tries one restore for each hardware revision; a restore that fails stops everything. */
const backUp = async (
	options: CampaignOptions,
	{ devices, decide }: { readonly devices: readonly Baseline[]; readonly decide: (decision: Decision) => void },
): Promise<{ readonly leftOut: readonly LeftOut[]; readonly problem?: string }> => {
	const { plan, platform } = options;
	if (!plan.backup.settings) return { leftOut: [] };
	const leftOut: LeftOut[] = [];
	const models = new Map<string, string>();
	for (const { device, hardware } of devices) {
		const { problem, digest } = await platform.backUp(device);
		assertAlive(options);
		const reason = `its settings could not be backed up: ${problem}`;
		if (problem !== undefined) leftOut.push({ device, reason });
		else if (!models.has(hardware)) models.set(hardware, device);
		decide(
			problem === undefined
				? { what: 'settings-backed-up', why: `settings and credentials ${digest ?? ''}`.trim(), device }
				: { what: 'device-left-out', why: reason, device },
		);
	}
	for (const [hardware, device] of plan.backup.tryRestore ? models : []) {
		const { problem } = await platform.tryRestore(device);
		assertAlive(options);
		if (problem !== undefined) return { leftOut, problem: `the backup of ${device} could not be restored on a staging device of ${hardware}: ${problem}` };
		decide({ what: 'restore-tried', why: `the backup of ${device} was restored on a staging device of ${hardware}` });
	}
	return { leftOut };
};
