import { createAuditBook, describeEvent } from '../campaign/audit/index.js';
import type { BlackstartEvent } from '../events/index.js';
import { DeviceTable } from './device-table.js';
import { createFindings } from './findings.js';
import { createInvariant, type EventOf, type Invariant } from './invariant.js';
import { isTerminalStatus } from './job-status.js';

/**
 * Everything that happened is accounted for in the audit trail. Two accounts that come from different hands are held against each
 * other: what the service and the flash show (jobs opened and ended, trials, confirms, reverts, refusals), and the entries that
 * the trail's own builder makes.
 *
 * - No device is given a job that no decision sent: a wave or a rollback of a rollout, an ordered deployment, or a campaign's decision
 *   to send that device that image (`device-started`, `device-sent-back`, `sent-again`) must be on record before the job is opened,
 *   for as many devices, and for the release whose image it brings.
 * - No device is sent an image by two campaigns at once: what one sent to is its own until it ends.
 * - No job is taken back without the rollout's halt, the campaign's decision (`job-cancelled`) or the operator's order on record.
 * - Every transition of a device has an entry that names it, and its image where it is about one.
 *
 * That the chain of the entries verifies is not judged here, where it was just made: the runner reads the trail that it wrote back
 * from its file and verifies it against its seal. Checks are jobs opened, and transitions.
 */
export const createAudited = (describe: typeof describeEvent = describeEvent): Invariant => {
	const findings = createFindings('audited');
	const devices = new DeviceTable<DeviceAccount>();
	const ledger = new Ledger();
	const claims = new Claims();
	let book = createAuditBook();
	/** Whether the trail holds the event, as it should be told there. */
	const isEntered = (event: BlackstartEvent & { readonly device?: string; readonly digest?: string }): boolean => {
		const entry = describe(event, book);
		return entry !== undefined && entry.device === event.device && (event.digest === undefined || entry.digest === event.digest);
	};
	const judgeTransition = (event: BlackstartEvent & { readonly at: number; readonly device: string; readonly digest?: string }): void => {
		findings.check();
		if (!isEntered(event)) findings.violate(event, `${event.kind} was expected in the audit trail, and no entry tells of it`);
	};
	const decide = (event: Decision): void => {
		if (isEntered(event)) ledger.decide(event);
	};
	return createInvariant(findings, {
		handlers: {
			'world-opened': () => {
				book = createAuditBook();
			},
			'release-published': (event) => {
				describe(event, book);
				ledger.publish(event);
			},
			'device-provisioned': (event) => {
				devices.provision(event.device, { opened: new Map(), granted: [] });
				describe(event, book);
			},
			'deployment-ordered': decide,
			'deployment-cancelled': (event) => {
				if (isEntered(event)) ledger.withdraw(event);
			},
			'rollout-planned': decide,
			'rollout-wave': decide,
			'rollout-halted': decide,
			'rollout-rolled-back': decide,
			'campaign-decision': (event) => {
				if (!isEntered(event)) return;
				if (event.what === 'job-cancelled') ledger.cancel(event.campaign);
				const { campaign, device, digest } = event;
				const other = claims.follow(event);
				if (other !== undefined) findings.violate(event, `campaign ${campaign} sends to a device that campaign ${other} has not ended with`);
				if (device !== undefined && digest !== undefined && SENDING.has(event.what))
					grant(devices.of({ ...event, device }), { campaign, digest, what: event.what });
			},
			'service-job': (event) => {
				const account = devices.of(event);
				if (isTerminalStatus(event.status)) judgeTransition(event);
				else describe(event, book);
				const isOpened = event.status === 'QUEUED' && !account.opened.has(event.job);
				if (isOpened) findings.check();
				const objection = isOpened ? ledger.open(event, account) : event.status === 'CANCELED' ? ledger.takeBack(event, account) : undefined;
				if (objection !== undefined) findings.violate(event, objection);
			},
			'device-job': judgeTransition,
			'device-refused': judgeTransition,
			'device-flashed': judgeTransition,
			'device-trial-requested': judgeTransition,
			'device-confirmed': judgeTransition,
			'device-boot': (event) => {
				if (event.reverted) judgeTransition(event);
			},
		},
	});
};

type Decision = EventOf<'deployment-ordered' | 'rollout-planned' | 'rollout-wave' | 'rollout-halted' | 'rollout-rolled-back'>;

/** Decisions of a campaign that send a device an image. */
const SENDING: ReadonlySet<string> = new Set(['device-started', 'device-sent-back', 'sent-again']);

interface DeviceAccount {
	/** Jobs that were opened for it, with the campaign that sent them, if one did. */
	readonly opened: Map<string, string | undefined>;
	/** What campaigns decided to send it and no job has brought yet. */
	readonly granted: Grant[];
}

interface Grant {
	readonly campaign: string;
	readonly digest: string;
}

/** What is sent again was decided before, and is sent once. */
const grant = ({ granted }: DeviceAccount, { campaign, digest, what }: Grant & { readonly what: string }): void => {
	const isKnown = what === 'sent-again' && granted.some((known) => known.campaign === campaign && known.digest === digest);
	if (!isKnown) granted.push({ campaign, digest });
};

/** Decisions that a campaign ends with. */
const ENDS: ReadonlySet<string> = new Set(['completed', 'halted', 'rolled-back']);

/** Which campaign each device belongs to while one is under way. */
class Claims {
	readonly #campaigns = new Map<string, string>();

	/** The other campaign that has the device; undefined where none does. */
	follow({ campaign, device, what }: EventOf<'campaign-decision'>): string | undefined {
		if (device === undefined) {
			if (ENDS.has(what)) for (const [one, holder] of this.#campaigns) if (holder === campaign) this.#campaigns.delete(one);
			return undefined;
		}
		if (!SENDING.has(what)) return undefined;
		const holder = this.#campaigns.get(device);
		this.#campaigns.set(device, campaign);
		return holder === campaign ? undefined : holder;
	}
}

/** What was decided, as jobs are held against it. */
class Ledger {
	/** Names of the releases that hold an image, by its digest. */
	readonly #releases = new Map<string, Set<string>>();
	/** By the name that the decision's jobs begin with; of one rollback there are as many as releases that devices go back to. */
	readonly #grants = new Map<string, { readonly release: string | undefined; left: number }[]>();
	/** Campaigns that decided to take jobs back. */
	readonly #cancelling = new Set<string>();
	/** Deployments that an operator ordered, and whether their end was ordered too. */
	readonly #deployments = new Map<string, { isWithdrawn: boolean }>();
	readonly #rollouts = new Map<string, { readonly release: string; isHalted: boolean }>();

	publish({ release, digest }: EventOf<'release-published'>): void {
		const known = this.#releases.get(digest);
		if (known === undefined) this.#releases.set(digest, new Set([release]));
		else known.add(release);
	}

	decide(event: Decision): void {
		if (event.kind === 'deployment-ordered') {
			this.#deployments.set(event.job, { isWithdrawn: false });
			this.#grant(event.job, event);
		} else if (event.kind === 'rollout-planned') this.#rollouts.set(event.rollout, { release: event.release, isHalted: false });
		else if (event.kind === 'rollout-wave')
			this.#grant(`${event.rollout}-wave-${event.wave}`, { release: this.#rollouts.get(event.rollout)?.release, devices: event.devices });
		else if (event.kind === 'rollout-rolled-back') this.#grant(`${event.rollout}-rollback`, event);
		else if (event.kind === 'rollout-halted') {
			const rollout = this.#rollouts.get(event.rollout);
			if (rollout !== undefined) rollout.isHalted = true;
		}
	}

	withdraw({ job }: EventOf<'deployment-cancelled'>): void {
		const deployment = this.#deployments.get(job);
		if (deployment !== undefined) deployment.isWithdrawn = true;
	}

	cancel(campaign: string): void {
		this.#cancelling.add(campaign);
	}

	/** What speaks against a job that was opened. */
	open({ job, digest }: EventOf<'service-job'>, { granted, opened }: DeviceAccount): string | undefined {
		const decided = granted.findIndex((one) => one.digest === digest);
		opened.set(job, granted[decided]?.campaign);
		if (decided >= 0) {
			granted.splice(decided, 1);
			return undefined;
		}
		const name = beginningsOf(job).find((beginning) => this.#grants.has(beginning));
		const grants = name === undefined ? undefined : this.#grants.get(name);
		if (grants === undefined) return `job ${job} was opened, and no decision on record sent it`;
		const releases = digest === undefined ? undefined : this.#releases.get(digest);
		const own = grants.filter(({ release }) => release === undefined || digest === undefined || releases?.has(release) === true);
		if (own.length === 0)
			return `job ${job} brings an image of ${[...(releases ?? ['no release'])].join(', ')}; the decision on record was about ${grants.map(({ release }) => release).join(', ')}`;
		const open = own.find(({ left }) => left > 0);
		if (open === undefined) return `job ${job} was opened for one device more than the decision on record sent it to`;
		open.left--;
		return undefined;
	}

	/** What speaks against a job that was taken back. */
	takeBack({ job }: EventOf<'service-job'>, { opened }: DeviceAccount): string | undefined {
		const campaign = opened.get(job);
		if (campaign !== undefined && !this.#cancelling.has(campaign)) return `job ${job} was taken back, and no such decision of ${campaign} is on record`;
		const deployment = beginningsOf(job).find((beginning) => this.#deployments.has(beginning));
		if (deployment !== undefined && this.#deployments.get(deployment)?.isWithdrawn === false)
			return `job ${job} was taken back, and no order to cancel ${deployment} is on record`;
		const rollout = WAVE_JOB.exec(job)?.[1];
		const known = rollout === undefined ? undefined : this.#rollouts.get(rollout);
		return known === undefined || known.isHalted ? undefined : `job ${job} was taken back, and no halt of ${rollout} is on record`;
	}

	#grant(name: string, { release, devices }: { readonly release: string | undefined; readonly devices: number }): void {
		const known = this.#grants.get(name);
		const grant = { release, left: devices };
		if (known === undefined) this.#grants.set(name, [grant]);
		else known.push(grant);
	}
}

const WAVE_JOB = /^(.+)-wave-\d+(?:-|$)/;

/** `a-b-c`, `a-b`, `a`: the service may add to a job's name what it needs to tell its parts apart. */
const beginningsOf = (job: string): readonly string[] => {
	const words = job.split('-');
	return words.map((_, index) => words.slice(0, words.length - index).join('-'));
};
