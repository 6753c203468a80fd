import type { CampaignOutcome, CampaignPlan, runCampaign, runRollout, RolloutPlan, RolloutResult } from '../../harness/campaign/index.js';
import type { BlackstartEvent, DeviceOutcome } from '../../harness/events/index.js';
import type { DeviceFault, FleetFault, IdentityFault, LinkConditions, ServiceFault } from '../../harness/faults/index.js';
import type { Release } from '../../harness/firmware/index.js';
import type {
	Deployment,
	DeployOptions,
	FleetCampaignOptions,
	FleetDevice,
	FleetPort,
	ReleaseShelf,
	ShownBrokerCertificate,
	ShownCertificate,
} from '../../harness/ports/index.js';
import type { Reducer } from '../../harness/scenario/index.js';
import { VirtualTimeError, type World } from '../../harness/time/index.js';
import type { Device } from '../device/index.js';
import type { BrokerWatch } from './broker-watch.js';
import { disturbCampaign } from './campaign-faults.js';
import { describeFlash } from './describe-flash.js';
import type { DeviceNetwork } from './device-network.js';
import { DeviceView } from './device-view.js';
import type { FleetFaults } from './fleet-faults.js';
import type { FleetService } from './fleet-service.js';
import { auditDevice, outcomeOf } from './outcome.js';
import type { PresenceTruth } from './presence-truth.js';
import { NO_DEVICE, reduceCampaign, reduceLink, reduceRollout } from './reduce.js';
import type { TlsWire } from './tls-wire.js';
import type { Roster } from './roster.js';
import type { RoutineMeter } from './routine-meter.js';
import type { ServiceFaults } from './service-faults.js';

export interface FleetParts {
	readonly world: World;
	readonly roster: Roster;
	readonly releases: ReleaseShelf;
	readonly installed: Release;
	readonly service: FleetService;
	readonly serviceFaults: ServiceFaults;
	readonly fleetFaults: FleetFaults;
	/** Where devices report by a timer. */
	readonly routine: RoutineMeter | undefined;
	/** Where devices tell their presence. */
	readonly presence: PresenceTruth | undefined;
	readonly network: DeviceNetwork;
	/** Where time is real. */
	readonly brokerWatch: BrokerWatch | undefined;
	/** Absent where there is no TLS. */
	readonly wire: TlsWire | undefined;
	readonly record: (event: BlackstartEvent) => void;
	/** Says which faults and waves of the case take part. */
	readonly reducer: Reducer;
	/** Whether a wait for the fleet must end at the same moment for any part of it. */
	readonly independent: boolean;
	readonly faultsFired: (kind: string) => number;
	/** Ends the case for what is not its own fault. */
	readonly abort: (error: unknown) => void;
	/** Told of a release that takes effect without being sent to a device, and how. */
	readonly releaseMet: (release: Release, how: string) => void;
	/** Told of a key set that goes along with jobs from now on. */
	readonly keySetAsked: (form: 'next' | 'forged') => void;
	/** Says what was done. */
	readonly rotateKeys: (options: { readonly forged: boolean }) => string;
	/** The rollout controller. */
	readonly rollOut: typeof runRollout;
	/** The controller of planned campaigns. */
	readonly carryOut: typeof runCampaign;
}

/** A fleet in virtual time. Time passes only inside the calls that wait. */
export class SimulatedFleet implements FleetPort, AsyncDisposable {
	readonly #devices: DeviceView[] = [];
	readonly releases: ReleaseShelf;
	readonly #parts: FleetParts;
	readonly #deviceOf = new Map<FleetDevice, Device>();
	#jobs = 0;
	#finished = false;
	/** When links that lose packets were first asked for. */
	#lossSince: number | undefined;

	constructor(parts: FleetParts) {
		this.#parts = parts;
		this.releases = parts.releases;
	}

	get devices(): readonly FleetDevice[] {
		return this.#devices;
	}

	get nowMs(): number {
		return this.#parts.world.clock.nowMs;
	}

	/** Adds devices without waiting for them. */
	add(count: number): readonly FleetDevice[] {
		const added = this.#parts.roster.add(count).map((device) => {
			const view = new DeviceView(device, this.#parts.service);
			this.#deviceOf.set(view, device);
			return view;
		});
		this.#devices.push(...added);
		return added;
	}

	async enrol(count: number): Promise<readonly FleetDevice[]> {
		const added = this.add(count);
		await this.ready({ withinMs: ENROL_WITHIN_MS });
		return added;
	}

	faultsFired(kind: string): number {
		return this.#parts.faultsFired(kind);
	}

	sleep(delayMs: number): Promise<void> {
		return this.#run(() => this.#parts.world.clock.sleep(delayMs, 'the scenario'));
	}

	async ready({ withinMs }: { readonly withinMs: number }): Promise<void> {
		const sinceMs = this.nowMs;
		await this.#run(() =>
			this.#parts.world.clock.until(() => this.#resting === this.devices.length, { withinMs, label: `${this.devices.length} devices to be online and idle` }),
		).catch((error: unknown) => {
			if (!(error instanceof VirtualTimeError) || error.code !== 'timeout') throw error;
			throw new VirtualTimeError('timeout', { message: `${error.message}; ${this.#stragglers()}`, atMs: error.atMs, cause: error });
		});
		if (this.#parts.independent) await this.sleep(this.#restOfBeatMs(this.nowMs - sinceMs));
	}

	/** What is left until the whole fleet is ready, whatever part of it is here: long after the last device is powered on, or twice as long, and so on. */
	#restOfBeatMs(waitedMs: number): number {
		let beatMs = READY_BEAT_MS + 2 * this.#parts.roster.powerOnSpreadMs;
		while (beatMs < waitedMs) beatMs *= 2;
		return beatMs - waitedMs;
	}

	async settle({ withinMs }: { readonly withinMs: number }): Promise<void> {
		const { world, service } = this.#parts;
		const isSettled = (): boolean => this.#resting === this.devices.length && !service.awaitsDevices;
		await this.#run(() => world.clock.until(isSettled, { withinMs, label: 'the fleet to settle' })).catch((error: unknown) => {
			if (!(error instanceof VirtualTimeError) || error.code !== 'timeout') throw error;
			this.#step(`not settled within ${withinMs} ms: ${service.pendingJobs} jobs are open; ${this.#stragglers()}`);
		});
	}

	async deploy(release: Release, options: DeployOptions = {}): Promise<Deployment> {
		const { devices = this.devices, supersedes, expiresAfterMs } = options;
		if (supersedes !== undefined) await this.cancel(supersedes, { devices, force: true });
		const job = `job-${++this.#jobs}`;
		this.#step(`deploy ${release.name} ${release.version} to ${devices.length} devices`);
		this.#parts.record({ kind: 'deployment-ordered', at: this.nowMs, job, release: release.name, devices: devices.length });
		const order = { job, release, devices: devices.map(({ id }) => id), ...(expiresAfterMs === undefined ? {} : { expiresAfterMs }) };
		await this.#run(() => this.#parts.service.deploy(order));
		return { job };
	}

	async cancel({ job }: Deployment, options: { readonly devices?: readonly FleetDevice[]; readonly force?: boolean } = {}): Promise<void> {
		const { devices = this.devices, force = false } = options;
		if (!this.#parts.service.hasJob(job)) throw new RangeError(`deployment: one of this fleet's was expected, got ${JSON.stringify(job)}`);
		this.#step(`cancel ${job} on ${devices.length} devices${force ? ', begun or not' : ''}`);
		this.#parts.record({ kind: 'deployment-cancelled', at: this.nowMs, job, devices: devices.length, force });
		await this.#run(() => this.#parts.service.cancel(job, { devices: devices.map(({ id }) => id), force }));
	}

	rollout(release: Release, plan: RolloutPlan): Promise<RolloutResult> {
		const { world, service, record, rollOut, reducer } = this.#parts;
		const rollout = `rollout-${++this.#jobs}`;
		return this.#run(() =>
			rollOut({
				rollout,
				release,
				previousOf: (job, device) => service.ranBefore(job, device),
				devices: this.devices.map(({ id }) => id),
				plan: reduceRollout(plan, { reducer, devices: this.devices.length }),
				service,
				clock: world.clock,
				random: world.random(rollout),
				record,
			}),
		);
	}

	campaign(
		plan: CampaignPlan,
		{ release = this.releases.candidate(), store, killAfterMs, abort, preflight = true }: FleetCampaignOptions = {},
	): Promise<CampaignOutcome> {
		const { world, service, installed, record, carryOut, reducer, releaseMet } = this.#parts;
		const keeps = (): boolean => reducer.keepsFault(NO_DEVICE);
		const disturbed = disturbCampaign(plan.name, {
			clock: world.clock,
			record,
			killAfterMs: killAfterMs !== undefined && keeps() ? killAfterMs : undefined,
			abort: abort !== undefined && keeps() ? abort : undefined,
		});
		return this.#run(async () => {
			const outcome = await carryOut({
				plan: reduceCampaign(plan, { reducer, devices: this.devices.length }),
				release,
				previous: installed,
				previousOf: (device, job) => service.ranBefore(job, device),
				platform: service,
				clock: world.clock,
				random: world.random(`campaign/${plan.name}`),
				signal: disturbed.killed,
				orders: disturbed.orders,
				preflight,
				record,
				...(store === undefined ? {} : { store }),
			}).finally(() => disturbed.forget());
			if (outcome.outcome === 'refused') releaseMet(release, 'no device was sent it: the controller refused');
			return outcome;
		});
	}

	rotateKeys({ forged = false }: { readonly forged?: boolean } = {}): void {
		if (!this.#parts.reducer.keepsFault(NO_DEVICE)) return;
		this.#step(this.#parts.rotateKeys({ forged }));
		this.#parts.keySetAsked(forged ? 'forged' : 'next');
	}

	arm(device: FleetDevice, fault: DeviceFault | IdentityFault): void {
		const { reducer, roster, fleetFaults } = this.#parts;
		const found = this.#find(device);
		if (!reducer.keepsFault(roster.placeOf(found))) return;
		if (fault.kind === 'cloned-identity') fleetFaults.armOn(found, fault);
		else found.arm(fault);
	}

	flashByHand(view: FleetDevice, { release, slot, afterMs }: { readonly release: Release; readonly slot: 'running' | 'idle'; readonly afterMs: number }): void {
		const image = release.images.find(({ hardware }) => hardware === view.hardware);
		if (image === undefined) throw new RangeError(`release ${release.name}: an image for ${view.hardware} was expected, there is none`);
		this.#parts.service.publish(release);
		// That it is written has evidence of its own.
		if (release.defect !== undefined) this.#parts.releaseMet(release, `it is written by hand into ${view.id}`);
		this.arm(view, { kind: 'flashed-by-hand', slot, image: image.bytes, afterMs });
	}

	armService(fault: ServiceFault): void {
		const { reducer, serviceFaults } = this.#parts;
		if (reducer.keepsFault(NO_DEVICE)) serviceFaults.arm(fault);
	}

	showCertificate(view: FleetDevice, certificate: ShownCertificate): void {
		const { wire, network } = this.#parts;
		if (!wire) throw new RangeError("showCertificate: there is no TLS here: the scenario should need 'tls'");
		const device = this.#find(view);
		this.#step(`${device.id} shows a certificate that is ${certificate}`);
		void wire.show(device.id, certificate).then(() => network.reset(device), this.#parts.abort);
	}

	showBrokerCertificate(certificate: ShownBrokerCertificate): void {
		const { wire, network, roster } = this.#parts;
		if (!wire) throw new RangeError("showBrokerCertificate: there is no TLS here: the scenario should need 'tls'");
		this.#step(`the broker shows a certificate that is ${certificate}`);
		void wire.showBroker(certificate).then(() => {
			for (const device of roster.devices) network.reset(device);
		}, this.#parts.abort);
	}

	get refusedBrokers(): ReadonlyMap<string, number> {
		return this.#parts.wire?.refusedBrokers ?? new Map();
	}

	get refusedCertificates(): ReadonlyMap<string, number> {
		return this.#parts.wire?.refused ?? new Map();
	}

	armFleet(fault: FleetFault): void {
		const { reducer, fleetFaults } = this.#parts;
		if (reducer.keepsFault(NO_DEVICE)) fleetFaults.arm(fault);
	}

	setLink(conditions: LinkConditions, devices: readonly FleetDevice[] = this.devices): void {
		const reduced = reduceLink(conditions, this.#parts.reducer);
		this.noteLoss(reduced);
		for (const device of devices) this.#parts.network.setConditions(this.#find(device), reduced);
	}

	/** Says that packets will be lost, the first time that they will. */
	noteLoss({ lossRatio }: LinkConditions): void {
		if (lossRatio === 0 || this.#lossSince !== undefined) return;
		this.#lossSince = this.nowMs;
		this.#parts.record({ kind: 'fault-armed', at: this.nowMs, fault: 'packet-loss', detail: `${lossRatio * 100} %` });
	}

	/**
	 * Lets the fleet come to rest, then reads every device's flash and the service's belief for the last time: a scenario
	 * that ends in the middle of an update is judged by what becomes of it.
	 */
	async finish(): Promise<void> {
		if (this.#finished) return;
		this.#finished = true;
		const { network, record, service, roster, routine, presence } = this.#parts;
		await this.#comeToRest().catch((error: unknown) => {
			// Where time cannot go on, what is there is judged as it is.
			if (!(error instanceof VirtualTimeError)) throw error;
		});
		const since = this.#lossSince;
		const detail = since === undefined ? undefined : await network.describeLoss();
		if (since !== undefined && detail !== undefined) record({ kind: 'fault-fired', at: this.nowMs, fault: 'packet-loss', since, detail });
		if (routine !== undefined) record(routine.tell(roster.devices.length));
		for (const device of roster.devices) for (const event of auditDevice(device, { service, presence })) record(event);
	}

	/** Nobody is judged in the middle of a boot, either. */
	async #comeToRest(): Promise<void> {
		const { world, roster } = this.#parts;
		await this.settle({ withinMs: LAST_SETTLE_MS });
		const isThrough = (): boolean => roster.devices.every((device) => device.running || device.state === 'bricked');
		if (isThrough()) return;
		await this.#run(() => world.clock.until(isThrough, { withinMs: LAST_BOOT_MS, label: 'every device to boot' }));
	}

	describeStall(): string | undefined {
		return this.#parts.brokerWatch?.finish();
	}

	describeFlash(named: readonly string[]): string {
		const { roster, service } = this.#parts;
		const left = (): readonly Device[] => roster.devices.filter((device) => LEFT_BEHIND.includes(outcomeOf(device, service)));
		const devices = named.length > 0 ? named.flatMap((id) => roster.find(id) ?? []) : left();
		return devices.slice(0, MOST_JOURNALS).map(describeFlash).join('');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const { world, network, service, roster } = this.#parts;
		try {
			for (const device of roster.devices) device.abandon();
			await this.#run(async () => {
				await network.close();
				await service.cloud[Symbol.asyncDispose]();
			});
		} finally {
			world[Symbol.dispose]();
		}
	}

	get #resting(): number {
		return this.#parts.roster.resting;
	}

	#run<Result>(main: () => Promise<Result>): Promise<Result> {
		return this.#parts.world.run(main);
	}

	#find(view: FleetDevice): Device {
		const device = this.#deviceOf.get(view);
		if (!device) throw new RangeError(`device ${view.id}: one of this fleet's was expected`);
		return device;
	}

	#step(text: string): void {
		this.#parts.record({ kind: 'scenario-step', at: this.nowMs, text });
	}

	#stragglers(): string {
		const waiting = this.#parts.roster.devices.filter((device) => !device.atRest);
		const named = waiting.slice(0, MOST_NAMED).map((device) => `${device.id} is ${device.state}`);
		return `${waiting.length} devices are not at rest${named.length > 0 ? `: ${named.join(', ')}` : ''}${waiting.length > MOST_NAMED ? ', …' : ''}`;
	}
}

const MOST_NAMED = 10;
const READY_BEAT_MS = 600_000;
const LAST_SETTLE_MS = 3_600_000;
const LAST_BOOT_MS = 60_000;
const MOST_JOURNALS = 5;
const LEFT_BEHIND: readonly DeviceOutcome[] = ['stuck', 'bricked'];

const ENROL_WITHIN_MS = 3_600_000;
