import type { BlackstartEvent } from '../../events/index.js';
import type { AuditFacts } from './entry.js';

type EventKind = BlackstartEvent['kind'];
type EventOf<Kind extends EventKind> = Extract<BlackstartEvent, { readonly kind: Kind }>;

/** What an event is to a trail: the facts of its entry, the case aside. */
export type EventFacts = Omit<AuditFacts, 'scenario' | 'title'>;

/** What a trail must remember of one world to name the images that later events are about. */
export interface AuditBook {
	/** Version of an image, by digest. */
	readonly versions: Map<string, string>;
	/** Hardware of a device. */
	readonly hardware: Map<string, string>;
	/** Digest of the image that a job brings, by `device/job`. */
	readonly jobs: Map<string, string>;
}

export const createAuditBook = (): AuditBook => ({ versions: new Map(), hardware: new Map(), jobs: new Map() });

/**
 * The entry that an event leaves in a trail, or undefined where it is neither a decision nor a transition. Everything that was
 * decided (releases, deployments, rollouts, campaigns) and every step that a device or its job takes through an update leaves one.
 * `book` learns from each event: it must see all of one world, in order.
 */
export const describeEvent = (event: BlackstartEvent, book: AuditBook): EventFacts | undefined => {
	learn(event, book);
	return DESCRIBERS[event.kind]?.(event as never, book);
};

type Describer<Kind extends EventKind> = (event: EventOf<Kind>, book: AuditBook) => EventFacts | undefined;

/** An entry about a device names its hardware, and of the image the version, where they are known. */
const ofDevice = (book: AuditBook, facts: EventFacts & { readonly device: string }): EventFacts => {
	const hardware = book.hardware.get(facts.device);
	const version = facts.version ?? (facts.digest === undefined ? undefined : book.versions.get(facts.digest));
	return { ...facts, ...(hardware === undefined ? {} : { hardware }), ...(version === undefined ? {} : { version }) };
};

const digestOfJob = (book: AuditBook, { device, job }: { readonly device: string; readonly job: string }): { readonly digest?: string } => {
	const digest = book.jobs.get(`${device}/${job}`);
	return digest === undefined ? {} : { digest };
};

const learn = (event: BlackstartEvent, { versions, hardware, jobs }: AuditBook): void => {
	if (event.kind === 'release-published') versions.set(event.digest, event.version);
	else if (event.kind === 'device-provisioned') hardware.set(event.device, event.hardware);
	else if (event.kind === 'device-job') jobs.set(`${event.device}/${event.job}`, event.digest);
	else if (event.kind === 'service-job' && event.digest !== undefined) jobs.set(`${event.device}/${event.job}`, event.digest);
};

const controller = ({ at }: { readonly at: number }, what: string, why: string): EventFacts => ({ at, who: 'controller', what, why });

const DECISIONS: { readonly [Kind in EventKind]?: Describer<Kind> } = {
	'release-published': ({ at, release, hardware, version, digest, sizeBytes, securityCounter, authentic, rejection }) => ({
		at,
		who: 'operator',
		what: 'release-published',
		hardware,
		version,
		digest,
		why: `${release}: ${sizeBytes} bytes, security counter ${securityCounter}, ${authentic ? 'authentic' : `must never run: ${rejection ?? 'not authentic'}`}`,
	}),
	'deployment-ordered': ({ at, job, release, devices }) => ({
		at,
		who: 'operator',
		what: 'deployment-ordered',
		why: `${job}: ${release} to ${devices} devices`,
	}),
	'deployment-cancelled': ({ at, job, devices, force }) => ({
		at,
		who: 'operator',
		what: 'deployment-cancelled',
		why: `${job}: from ${devices} devices${force ? ', begun or not' : ' that have not begun'}`,
	}),
	'service-restored': ({ at, backupAt }) => ({ at, who: 'operator', what: 'service-restored', why: `from its backup of ${backupAt} ms` }),
	'campaign-decision': ({ at, campaign, who, what, device, group, digest, why }, book) => {
		const facts = { at, who, what, ...(digest === undefined ? {} : { digest }), why: `${campaign}: ${why}` };
		return device === undefined ? facts : ofDevice(book, { ...facts, device, ...(group === undefined ? {} : { group }) });
	},
	'rollout-planned': (event) =>
		controller(
			event,
			'rollout-planned',
			`${event.rollout}: ${event.release} to ${event.devices} devices in waves of ${event.waves.join(', ')}; halts above a share of ${event.maxFailureRatio} failed`,
		),
	'rollout-wave': (event) => controller(event, 'rollout-wave', `${event.rollout}: wave ${event.wave} to ${event.devices} devices`),
	'rollout-gate': (event) =>
		controller(
			event,
			`rollout-gate-${event.decision}`,
			`${event.rollout}: wave ${event.wave} has ${event.succeeded} succeeded, ${event.failed} failed, ${event.silent} silent`,
		),
	'rollout-halted': (event) => controller(event, 'rollout-halted', `${event.rollout}: ${event.reason}`),
	'rollout-rolled-back': (event) => controller(event, 'rollout-rolled-back', `${event.rollout}: ${event.release} to ${event.devices} devices`),
	'rollout-ended': (event) =>
		controller(
			event,
			'rollout-ended',
			`${event.rollout}: ${event.outcome}, ${event.succeeded} succeeded, ${event.failed} failed, ${event.untouched} untouched`,
		),
};

const TRANSITIONS: { readonly [Kind in EventKind]?: Describer<Kind> } = {
	'device-provisioned': ({ at, device, digest, version }, book) =>
		ofDevice(book, { at, who: 'factory', what: 'device-provisioned', device, digest, version, why: 'the image it left the factory with' }),
	'service-job': ({ at, device, job, status, version }, book) =>
		ofDevice(book, {
			at,
			who: 'service',
			what: `job-${status.toLowerCase().replaceAll('_', '-')}`,
			device,
			...digestOfJob(book, { device, job }),
			why: `${job}: version ${version} of its execution`,
		}),
	'device-job': ({ at, device, job, digest }, book) => ofDevice(book, { at, who: 'device', what: 'job-received', device, digest, why: job }),
	'device-refused': ({ at, device, job, reason }, book) =>
		ofDevice(book, { at, who: 'device', what: 'refused', device, ...digestOfJob(book, { device, job }), why: `${job}: ${reason}` }),
	'device-flashed': ({ at, device, slot, runs, digest }, book) =>
		ofDevice(book, {
			at,
			who: 'a person at the device',
			what: 'flashed-by-hand',
			device,
			digest,
			why: `slot ${slot}, which it ${runs ? 'runs from' : 'does not run from'}`,
		}),
	'device-trial-requested': ({ at, device, digest }, book) =>
		ofDevice(book, { at, who: 'device', what: 'trial-requested', device, digest, why: 'downloaded and verified' }),
	'device-confirmed': ({ at, device, digest, securityCounter }, book) =>
		ofDevice(book, { at, who: 'device', what: 'confirmed', device, digest, why: `passed its trial; security counter ${securityCounter}` }),
	'device-boot': ({ at, device, digest, version, cause, trial, reverted }, book) => {
		if (!trial && !reverted) return undefined;
		const facts = { at, who: 'device', device, digest, version };
		return ofDevice(book, { ...facts, what: reverted ? 'reverted' : 'trial-booted', why: `boot after ${cause}${trial && reverted ? ', on trial again' : ''}` });
	},
	'device-no-boot': ({ at, device, cause, reason }, book) =>
		ofDevice(book, { at, who: 'device', what: 'does-not-boot', device, why: `after ${cause}: ${reason}` }),
};

const DESCRIBERS: Readonly<Partial<Record<EventKind, (event: never, book: AuditBook) => EventFacts | undefined>>> = { ...DECISIONS, ...TRANSITIONS };

/** The kinds of event that may leave an entry. */
export const AUDITED_KINDS: ReadonlySet<string> = new Set(Object.keys(DESCRIBERS));
