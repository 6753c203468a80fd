import { runCampaign, runRollout } from '../../harness/campaign/index.js';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { GOOD_LINK } from '../../harness/faults/index.js';
import type { Release } from '../../harness/firmware/index.js';
import type { FleetOptions } from '../../harness/ports/index.js';
import { type OpenFleet, Reducer, type RunOptions, type TargetContext } from '../../harness/scenario/index.js';
import { openRealWorld, openVirtualWorld, type World } from '../../harness/time/index.js';
import { type CloudObserver, openCloud } from '../cloud/index.js';
import { type Dialect, DialectCloud, loadDialect } from '../dialects/index.js';
import { CachingSlotReader, type Device, type DeviceParts, type Profile, RIGHT_PARTS } from '../device/index.js';
import { type ArtifactGround, createMemoryGround, openTlsGround } from './artifact-ground.js';
import { ArtifactSite } from './artifact-site.js';
import { ARTIFACT_HOST, DialectSite } from './artifact-trouble.js';
import { Authority } from './authority.js';
import { openBrokerSite } from './broker-site.js';
import { BrokerWatch } from './broker-watch.js';
import { chooseImages, describeImages, segmentsOf } from './choose-images.js';
import { DeviceNetwork } from './device-network.js';
import { FleetFaults } from './fleet-faults.js';
import { FleetService } from './fleet-service.js';
import { createKeyRotation } from './key-rotation.js';
import { LoadMeter } from './load-meter.js';
import { PresenceTruth } from './presence-truth.js';
import { NO_DEVICE, reduceLink } from './reduce.js';
import { ReleaseBook } from './release-book.js';
import { ReleaseFaults } from './release-faults.js';
import { Shelf } from './release-shelf.js';
import { type Place, Roster } from './roster.js';
import { RoutineMeter } from './routine-meter.js';
import { ServiceFaults } from './service-faults.js';
import { SimulatedFleet } from './simulated-fleet.js';

/** Older than what anybody is told to run. */
const DRIFTED_VERSION = '0.0.7';
/** One device in this many talks through MQTT.js unless a scenario says otherwise. */
const DEFAULT_REFERENCE_SHARE = 0.02;

/** Parts put in place of the right ones, to prove that what is wrong with them is found out. */
export interface ReplacedParts {
	readonly device?: Partial<DeviceParts>;
	/** The rollout controller. */
	readonly rollOut?: typeof runRollout;
	/** The update service behind the broker. */
	readonly openCloud?: typeof openCloud;
	/** The controller of planned campaigns. */
	readonly carryOut?: typeof runCampaign;
}

/**
 * Opens a world with an update service and a fleet that is powered on; the caller finishes and disposes of it. Time is virtual and
 * links are in memory, unless the run asks for another rung.
 */
export const openSimulatedFleet = async (context: TargetContext, options: FleetOptions = {}, replaced: ReplacedParts = {}): Promise<OpenFleet> => {
	const { rung } = context.options;
	const dialect = await loadDialect(options.protocol);
	const worldOptions = { seed: context.seed, ...(options.startEpochMs === undefined ? {} : { startEpochMs: options.startEpochMs }) };
	const world = rung === undefined ? openVirtualWorld(worldOptions) : openRealWorld({ ...worldOptions, speed: rung.speed });
	try {
		return await world.run(() => buildFleet(world, { context, options, replaced, dialect }));
	} catch (error) {
		world[Symbol.dispose]();
		throw error;
	}
};

interface Request {
	readonly context: TargetContext;
	readonly options: FleetOptions;
	readonly replaced: ReplacedParts;
	readonly dialect: Dialect | undefined;
}

const buildFleet = async (world: World, { context, options, replaced, dialect }: Request): Promise<OpenFleet> => {
	const fired = new Map<string, number>();
	const record = (event: BlackstartEvent): void => {
		if (event.kind === 'fault-fired') fired.set(event.fault, (fired.get(event.fault) ?? 0) + (event.count ?? 1));
		context.record(event);
		releaseFaults.observe(event);
	};
	const { clock } = world;
	if (dialect) assertFits(options);
	// It brings a server of its own, whatever broker the run has.
	const rung = dialect ? withoutBroker(context.options.rung) : context.options.rung;
	const releaseFaults = new ReleaseFaults({ nowMs: () => clock.nowMs, record });
	const images = chooseImages(context.options, options);
	const slots = new CachingSlotReader(images.keys);
	const reducer = context.reducer ?? new Reducer();
	const releases = new Shelf({
		profiles: images.profiles,
		random: world.random('releases'),
		keepsWrong: () => reducer.keepsFault(NO_DEVICE),
		onHarnessKey: (key) => {
			if (images.shelf.user && !slots.keys.includes(key.verifyingKey))
				record({ kind: 'scenario-evidence', name: 'trusted keys', value: "the user's, and the harness's own" });
			slots.trust(key.verifyingKey);
		},
		onAsked: (asked) => releaseFaults.ask(asked),
		...(options.installed === undefined ? {} : { installed: options.installed }),
		...(options.imageBlocks === undefined ? {} : { imageBlocks: options.imageBlocks }),
		...images.shelf,
	});
	const book = new ReleaseBook({ profiles: images.profiles, slots, nowMs: () => clock.nowMs, record });
	const count = options.devices ?? context.options.devices;
	record({ kind: 'world-opened', at: clock.nowMs, seed: context.seed, devices: count, options: describeOptions(options, images.profiles) });
	record({ kind: 'scenario-evidence', name: 'images', value: describeImages(images) });
	const installed = releases.installed();
	const { drifted = 0 } = options;
	const installedAt = (place: Place | undefined): Release => releases.installed(place === undefined ? DRIFTED_VERSION : place.installed);
	for (const release of new Set([installed, ...[...images.places, ...(drifted > 0 ? [undefined] : [])].map(installedAt)])) book.publish(release, 0);
	const routine = options.reportEveryMs === undefined ? undefined : new RoutineMeter({ clock, everyMs: options.reportEveryMs });
	const site = await openBrokerSite({ rung, onError: context.abort });
	const authority = options.certificates && new Authority({ clock, certificates: options.certificates, brokerIsReal: site.wire !== undefined });
	// Of images that somebody else signed, nobody here can say anything.
	const isSignedHere = images.shelf.user === undefined && images.shelf.vectors === undefined;
	const artifacts = options.imagesBy === 'url' ? new ArtifactSite({ clock, ground: await openGround(rung, context.abort) }) : undefined;
	const dialectSite = dialect && new DialectSite();
	let dialectCloud: DialectCloud | undefined;
	const weakRatio = options.weakRatio && reducer.keepsFault(NO_DEVICE) ? options.weakRatio : 0;
	const roster = new Roster({
		world,
		slots,
		record,
		places: images.places,
		weakRatio,
		...(options.reportEveryMs === undefined ? {} : { reportEveryMs: options.reportEveryMs }),
		...(options.presence === undefined ? {} : { presence: options.presence }),
		onRoutine: () => routine?.count(),
		onMade: ({ id, password }) => {
			site.admit(id, password);
			dialectCloud?.admit(id, password);
		},
		...(site.createBroker === undefined ? {} : { subscribesToAnswers: true }),
		...(authority === undefined ? {} : { trust: authority, needsStatements: isSignedHere }),
		...(artifacts && { artifacts: { authority: artifacts.authority } }),
		...(dialect && {
			artifacts: { authority: undefined, ...(dialect.headersOf && { headersOf: ({ password }: Device) => dialect.headersOf?.(password) ?? {} }) },
		}),
		referenceShare: options.referenceShare ?? DEFAULT_REFERENCE_SHARE,
		installedAt,
		drifted,
		parts: { ...RIGHT_PARTS, ...replaced.device },
		keeps: (place, id) => reducer.keepsDevice(place, id),
	});
	const service = new FleetService({
		clock,
		book,
		record,
		roster,
		site: artifacts,
		...(authority && isSignedHere ? { state: (statement) => releases.state(statement) } : {}),
	});
	const presence = options.presence ? new PresenceTruth(clock) : undefined;
	const observer: CloudObserver = {
		onJobStatus: (change) => service.jobChanged(change),
		onReport: (thing, report) => service.reported(thing, report),
		...presence?.observer,
	};
	if (dialect && dialectSite) dialectCloud = await DialectCloud.open(dialect, { clock, observer, faultOf: dialectSite.faultOf });
	const cloud =
		dialectCloud ??
		(await (replaced.openCloud ?? openCloud)({
			clock,
			...(site.createBroker === undefined ? {} : { createBroker: site.createBroker }),
			credentials: (thing, password) => Buffer.from(password).toString() === roster.find(thing)?.password,
			...(authority === undefined ? {} : { certify: (thing) => authority.issue(thing) }),
			observer,
		}));
	service.attach(cloud);
	if (site.wire && authority) site.wire.clockAheadOf = (thing) => (roster.find(thing)?.wallClock.epochMs ?? clock.epochMs) - clock.epochMs;
	const link = reduceLink(options.link ?? GOOD_LINK, reducer);
	const network = new DeviceNetwork({
		clock,
		transport: await site.openTransport(cloud, link),
		random: world.random('network'),
		conditions: link,
		sessions: options.sessions ?? 'clean',
		level: rung?.mqtt ?? 4,
		site: artifacts,
		dialect,
		keepaliveS: options.keepaliveS,
	});
	const load = new LoadMeter({
		clock,
		record,
		read: () => {
			const { requests, blockRequests } = cloud.stats;
			return { connects: network.dials, requests: requests - blockRequests };
		},
	});
	const fleet = new SimulatedFleet({
		world,
		releases,
		installed,
		service,
		serviceFaults: new ServiceFaults({ clock, service, site: artifacts ?? dialectSite, random: world.random('service'), record, load }),
		fleetFaults: new FleetFaults({
			clock,
			network,
			cloud,
			random: world.random('fleet-faults'),
			devices: roster.devices,
			segments: segmentsOf(images.places),
			record,
		}),
		routine,
		presence,
		network,
		wire: site.wire,
		brokerWatch: rung && new BrokerWatch({ clock, speed: rung.speed, probe: (done) => cloud.probe(done) }),
		record,
		roster,
		reducer,
		// In real time nothing is the same in every cell anyway.
		independent: (context.independent ?? false) && rung === undefined,
		keySetAsked: (form) => releaseFaults.askKeySet(form),
		releaseMet: (release, how) => releaseFaults.met(release, how),
		faultsFired: (kind) => fired.get(kind) ?? 0,
		abort: context.abort,
		rotateKeys: createKeyRotation({ releases, slots, service }),
		rollOut: replaced.rollOut ?? runRollout,
		carryOut: replaced.carryOut ?? runCampaign,
	});
	roster.attach(network);
	fleet.noteLoss(link);
	if (weakRatio > 0) record({ kind: 'fault-armed', at: clock.nowMs, fault: 'weak-hardware', detail: `${weakRatio * 100} %` });
	fleet.add(count);
	return fleet;
};

/** Throws a RangeError for what other protocols do not have. */
const assertFits = ({ protocol, certificates, presence, sessions, imagesBy }: FleetOptions): void => {
	const misfit = Object.entries({ certificates, presence, sessions: sessions === 'lasting' || undefined, imagesBy }).find(([, value]) => value);
	if (misfit) throw new RangeError(`protocol: '${protocol}' goes without ${misfit[0]}; aws-iot was expected with it`);
};

const withoutBroker = (rung: RunOptions['rung']): RunOptions['rung'] => {
	if (rung === undefined) return undefined;
	const { broker: _none, mqtt: _default, ...own } = rung;
	return own;
};

/** Over sockets images come by TLS, whatever the broker does. */
const openGround = (rung: RunOptions['rung'], onError: (error: Error) => void): Promise<ArtifactGround> | ArtifactGround =>
	rung === undefined || rung.transport === 'memory' ? createMemoryGround() : openTlsGround(ARTIFACT_HOST, { onError });

const describeOptions = (options: FleetOptions, profiles: readonly Profile[]): Readonly<Record<string, unknown>> => ({
	link: options.link ?? GOOD_LINK,
	profiles: profiles.map(({ name, hardware, download }) => ({ name, hardware, ...download })),
	referenceShare: options.referenceShare ?? DEFAULT_REFERENCE_SHARE,
	...(options.places ? { places: options.places.map(({ devices, ...place }) => ({ ...place, devices: devices?.length })) } : {}),
	...(options.reportEveryMs === undefined ? {} : { reportEveryMs: options.reportEveryMs }),
	...(options.keepaliveS === undefined ? {} : { keepaliveS: options.keepaliveS }),
	...(options.certificates === undefined ? {} : { certificates: options.certificates }),
	...(options.weakRatio === undefined ? {} : { weakRatio: options.weakRatio }),
	...(options.drifted === undefined ? {} : { drifted: options.drifted }),
	...(options.imageBlocks === undefined ? {} : { imageBlocks: options.imageBlocks }),
	...(options.imagesBy === undefined ? {} : { imagesBy: options.imagesBy }),
	...(options.protocol === undefined ? {} : { protocol: options.protocol }),
	...(options.vectors ? { vectors: options.vectors } : {}),
});
