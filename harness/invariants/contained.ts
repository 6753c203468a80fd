import { DeviceTable } from './device-table.js';
import { createFindings, type Findings } from './findings.js';
import { createInvariant, type EventOf, type Invariant } from './invariant.js';
import { ReleaseBook } from './release-book.js';

/**
 * A bad release reaches no more devices than its pilot and gates allow: the devices of the waves that began while they were
 * allowed to. A wave may begin after the gate before it let it, in its planned size and never after a halt; a gate halts where
 * more than the planned share of the wave failed, devices that said nothing counted with them. What the gate counted is not
 * taken on trust: the service's own record of the wave's jobs, which are named `<rollout>-wave-<n>-…`, may show more failures,
 * or fewer successes.
 *
 * Devices that ran the release before its rollout was planned are not counted, as a scenario may have put it there.
 * Checks are bad releases that a rollout brought to at least one device.
 */
export const createContained = (): Invariant => {
	const findings = createFindings('contained');
	const releases = new ReleaseBook();
	const devices = new DeviceTable<string>();
	const spreads = new Map<string, Spread>();
	const rollouts = new Map<string, Progress>();
	/** By `<rollout>-wave-<n>`. */
	const books = new Map<string, WaveBook>();
	const spreadOf = (release: string): Spread => {
		let spread = spreads.get(release);
		if (spread === undefined) {
			spread = { reached: new Set(), before: undefined, allowed: 0 };
			spreads.set(release, spread);
		}
		return spread;
	};
	return createInvariant(findings, {
		handlers: {
			'release-published': (event) => releases.publish(event),
			'device-provisioned': ({ device, hardware }) => devices.provision(device, hardware),
			'device-boot': (event) => {
				const image = releases.find({ hardware: devices.of(event), digest: event.digest });
				if (image?.bad === true) judgeSpread(findings, { event, release: image.release, spread: spreadOf(image.release) });
			},
			'rollout-planned': (event) => {
				rollouts.set(event.rollout, { plan: event, isOpen: true, halted: false, waveDevices: 0 });
				const spread = spreadOf(event.release);
				spread.before ??= spread.reached.size;
			},
			'rollout-wave': (event) => {
				const progress = rollouts.get(event.rollout);
				const reason = whyWaveMayNotBegin(progress, event);
				if (reason !== undefined) findings.violate(event, `rollout ${event.rollout}: wave ${event.wave} of ${event.devices} devices began ${reason}`);
				if (progress === undefined) return;
				if (reason === undefined) spreadOf(progress.plan.release).allowed += event.devices;
				progress.waveDevices = event.devices;
				progress.isOpen = false;
			},
			'rollout-gate': (event) => {
				const progress = rollouts.get(event.rollout);
				if (progress === undefined) return;
				judgeGate(findings, { event, progress, book: books.get(waveOf(event)) });
				progress.isOpen = event.decision === 'go';
			},
			'service-job': ({ job, device, status }) => {
				const wave = WAVE_OF_JOB.exec(job)?.[1];
				if (wave === undefined) return;
				const book = books.get(wave) ?? { failed: new Set(), succeeded: new Set() };
				books.set(wave, book);
				if (FAILED_STATUSES.has(status)) book.failed.add(device);
				else if (status === 'SUCCEEDED') book.succeeded.add(device);
			},
			'rollout-halted': (event) => {
				const progress = rollouts.get(event.rollout);
				if (progress !== undefined) progress.halted = true;
			},
		},
		atEnd: () => {
			for (const { reached, before } of spreads.values()) if (before !== undefined && reached.size > before) findings.check();
		},
	});
};

const judgeSpread = (findings: Findings, { event, release, spread }: { event: EventOf<'device-boot'>; release: string; spread: Spread }): void => {
	if (spread.reached.has(event.device)) return;
	spread.reached.add(event.device);
	if (spread.before === undefined) return;
	const reached = spread.reached.size - spread.before;
	if (reached > spread.allowed)
		findings.violate(event, `bad release ${release} reached ${reached} devices; the waves that were let through allow ${spread.allowed}`);
};

const whyWaveMayNotBegin = (progress: Progress | undefined, { wave, devices }: EventOf<'rollout-wave'>): string | undefined => {
	if (progress === undefined) return 'without a plan';
	if (progress.halted) return 'after the rollout had halted';
	if (!progress.isOpen) return 'before the gate of the wave before let it';
	const planned = progress.plan.waves[wave];
	if (planned === undefined) return `although ${progress.plan.waves.length} waves were planned`;
	return devices > planned ? `although ${planned} devices were planned` : undefined;
};

const judgeGate = (findings: Findings, { event, progress, book }: { event: EventOf<'rollout-gate'>; progress: Progress; book: WaveBook | undefined }): void => {
	if (event.decision === 'halt') return;
	const { rollout, wave, succeeded, failed, silent } = event;
	const { maxFailureRatio } = progress.plan;
	const finished = succeeded + failed + silent;
	const failures = book?.failed.size ?? 0;
	const successes = book?.succeeded.size ?? succeeded;
	if (finished > 0 && (failed + silent) / finished > maxFailureRatio)
		findings.violate(
			event,
			`rollout ${rollout}: the gate of wave ${wave} said go with ${failed} failed and ${silent} silent of ${finished}; a share above ${maxFailureRatio} was expected to halt it`,
		);
	else if (failures > failed && progress.waveDevices > 0 && failures / progress.waveDevices > maxFailureRatio)
		findings.violate(
			event,
			`rollout ${rollout}: the gate of wave ${wave} counted ${failed} failed and said go; the service holds ${failures} of ${progress.waveDevices} for failed, and a share above ${maxFailureRatio} was expected to halt it`,
		);
	else if (successes < succeeded && (finished - successes) / finished > maxFailureRatio)
		findings.violate(
			event,
			`rollout ${rollout}: the gate of wave ${wave} counted ${succeeded} succeeded and said go; the service holds ${successes} of ${finished} for succeeded, and a share above ${maxFailureRatio} that did not was expected to halt it`,
		);
};

const waveOf = ({ rollout, wave }: EventOf<'rollout-gate'>): string => `${rollout}-wave-${wave}`;

/** What the service calls a job of a wave: the wave's name, then what it needs to tell its parts apart. */
const WAVE_OF_JOB = /^(.+-wave-\d+)(?:-|$)/;
const FAILED_STATUSES: ReadonlySet<string> = new Set(['FAILED', 'REJECTED', 'TIMED_OUT']);

/** What the service holds of a wave's devices. */
interface WaveBook {
	readonly failed: Set<string>;
	readonly succeeded: Set<string>;
}

/** Where a release got to. */
interface Spread {
	readonly reached: Set<string>;
	/** Devices that had run it when its first rollout was planned; undefined before. */
	before: number | undefined;
	allowed: number;
}

interface Progress {
	readonly plan: EventOf<'rollout-planned'>;
	/** Whether the next wave may begin. */
	isOpen: boolean;
	halted: boolean;
	/** Of the wave that began last. */
	waveDevices: number;
}
