import { isDisturbance } from '../faults/index.js';
import { DeviceTable } from './device-table.js';
import { createFindings, type Findings } from './findings.js';
import { createInvariant, type EventOf, type Invariant } from './invariant.js';
import { ReleaseBook } from './release-book.js';
import { WayBack } from './way-back.js';

/**
 * When the faults stop, every device reaches its target or its rollback, in bounded boots and bytes.
 *
 * A disturbance is a fault that fired on the device or on the whole fleet (one of a release is none), or a boot after power came and went.
 *
 * | bound | most |
 * |---|---|
 * | boots | 3 + 10 x jobs + 3 x disturbances: a job may cost the update's boot, eight trials and the revert; a disturbance the boot after it and the repeat of what it broke off |
 * | bytes received | for each job the image as encoded (1.5 x size + 512 a block) x (2 + resumes + disturbances); 16 KiB x (1 + boots + jobs + resumes + disturbances) for connecting; 2 KiB a minute for staying connected |
 *
 * A rollout or campaign that is taken back sends each device what that had confirmed before the release was sent to it.
 * Jobs count once however often they are delivered: a device that installs the same job for ever is out of bounds.
 * Not counted are crashes of a bad release once it is confirmed; what must happen then is that it is `contained`.
 * A device that runs nothing is left to `bootable`, one that is left on an unconfirmed image to `trial`, one whose update
 * the service holds for a success that it is not to `truthful`.
 * Checks are devices that had a job or a disturbance.
 */
export const createConverges = (): Invariant => {
	const findings = createFindings('converges');
	const releases = new ReleaseBook();
	const devices = new DeviceTable<Course>();
	const wayBack = new WayBack(releases);
	let fleetFaults = 0;
	let lastAt = 0;
	return createInvariant(findings, {
		handlers: {
			'release-published': (event) => releases.publish(event),
			'device-provisioned': ({ device, hardware, digest, at }) => devices.provision(device, createCourse({ hardware, confirmed: digest, openedAt: at })),
			'fault-fired': ({ device, fault, at }) => {
				lastAt = at;
				if (!isDisturbance(fault)) return;
				if (device === undefined) fleetFaults++;
				else {
					const course = devices.find(device);
					if (course !== undefined) course.disturbances++;
				}
			},
			'device-boot': (event) => {
				const course = devices.of(event);
				lastAt = event.at;
				if (isCrashOfBadRelease(releases, { event, course })) course.excusedBoots++;
				else countBoot(course, event.cause);
			},
			'device-no-boot': (event) => countBoot(devices.of(event), event.cause),
			'device-job': (event) => {
				const { jobs } = devices.of(event);
				if (jobs.get(event.job)?.digest !== event.digest) jobs.set(event.job, { digest: event.digest, blocks: undefined });
			},
			'device-downloaded': (event) => {
				const course = devices.of(event);
				course.resumes += event.resumes;
				const job = course.jobs.get(event.job);
				if (job !== undefined) job.blocks = event.blocks;
			},
			'device-confirmed': (event) => {
				devices.of(event).confirmed = event.digest;
			},
			'rollout-planned': (event) => wayBack.plan(event),
			'service-job': (event) => {
				const course = event.status === 'QUEUED' ? devices.find(event.device) : undefined;
				const objection = course === undefined ? undefined : wayBack.open(event, course.confirmed);
				if (objection !== undefined) findings.violate(event, objection);
			},
			'campaign-decision': (event) => {
				const course = event.device === undefined ? undefined : devices.find(event.device);
				const objection = course === undefined ? undefined : wayBack.decide(event, course.confirmed);
				if (objection !== undefined) findings.violate(event, objection);
			},
			'device-flashed': (event) => {
				if (event.runs) devices.of(event).confirmed = event.digest;
			},
			'device-audit': (event) => {
				devices.of(event).audit = event;
				lastAt = event.at;
			},
			'device-final': (event) => {
				// A board is judged by its own events.
				const course = devices.find(event.device);
				if (course !== undefined) course.outcome = event.outcome;
			},
		},
		atEnd: () => {
			for (const [device, course] of devices.entries()) {
				if (course.jobs.size + course.disturbances + fleetFaults > 0) findings.check();
				judgeCourse({ findings, releases, fleetFaults }, { device, course, at: course.audit?.at ?? lastAt });
			}
		},
	});
};

const countBoot = (course: Course, cause: EventOf<'device-boot'>['cause']): void => {
	const isFirst = course.boots === 0;
	course.boots++;
	if (!isFirst && (cause === 'power-on' || cause === 'power-loss' || cause === 'brown-out')) course.disturbances++;
};

const isCrashOfBadRelease = (releases: ReleaseBook, { event, course }: { event: EventOf<'device-boot'>; course: Course }): boolean =>
	(event.cause === 'crash' || event.cause === 'watchdog') &&
	event.digest === course.confirmed &&
	releases.find({ hardware: course.hardware, digest: event.digest })?.bad === true;

const judgeCourse = ({ findings, releases, fleetFaults }: ConvergesJudge, { device, course, at }: { device: string; course: Course; at: number }): void => {
	const { outcome, audit, boots } = course;
	const disturbances = course.disturbances + fleetFaults;
	if (outcome === undefined) findings.violate({ device, at }, 'an outcome was expected when the world closed, and none came');
	else if ((outcome === 'stuck' || outcome === 'bricked') && !isLeftToOthers(releases, audit)) findings.violate({ device, at }, `ended ${outcome}`);
	const mostBoots = 3 + 10 * course.jobs.size + 3 * disturbances;
	if (boots > mostBoots)
		findings.violate(
			{ device, at },
			`booted ${boots} times; at most ${mostBoots} were expected with ${course.jobs.size} jobs and ${disturbances} disturbances`,
		);
	const mostBytes = audit === undefined ? undefined : boundBytes(releases, { course, disturbances, openMs: audit.at - course.openedAt });
	if (audit !== undefined && mostBytes !== undefined && audit.bytesReceived > mostBytes)
		findings.violate(
			{ device, at },
			`received ${audit.bytesReceived} bytes; at most ${mostBytes} were expected with ${course.resumes} resumes and ${disturbances} disturbances`,
		);
};

/** Whether `bootable`, `trial` or `truthful` already say what is wrong with the device. */
const isLeftToOthers = (releases: ReleaseBook, audit: EventOf<'device-audit'> | undefined): boolean =>
	audit !== undefined &&
	(audit.running === null ||
		(releases.isReleased(audit.running) && (!audit.confirmed || (audit.believedStatus === 'SUCCEEDED' && audit.jobDigest !== audit.running))));

/** Undefined where a job's image was never published, so that its size is not known. */
const boundBytes = (releases: ReleaseBook, { course, disturbances, openMs }: { course: Course; disturbances: number; openMs: number }): number | undefined => {
	const { hardware, jobs, resumes, boots, excusedBoots } = course;
	let encodedBytes = 0;
	for (const { digest, blocks } of jobs.values()) {
		const sizeBytes = releases.find({ hardware, digest })?.sizeBytes;
		if (sizeBytes === undefined) return undefined;
		encodedBytes += 1.5 * sizeBytes + 512 * (blocks ?? Math.ceil(sizeBytes / 256));
	}
	const connections = 1 + boots + excusedBoots + jobs.size + resumes + disturbances;
	return Math.ceil(encodedBytes * (2 + resumes + disturbances) + 16_384 * connections + 2_048 * (openMs / 60_000));
};

const createCourse = ({ hardware, confirmed, openedAt }: { hardware: string; confirmed: string; openedAt: number }): Course => ({
	hardware,
	openedAt,
	confirmed,
	boots: 0,
	excusedBoots: 0,
	disturbances: 0,
	resumes: 0,
	jobs: new Map(),
	audit: undefined,
	outcome: undefined,
});

interface ConvergesJudge {
	readonly findings: Findings;
	readonly releases: ReleaseBook;
	readonly fleetFaults: number;
}

/** What became of one device. */
interface Course {
	readonly hardware: string;
	readonly openedAt: number;
	confirmed: string;
	boots: number;
	excusedBoots: number;
	disturbances: number;
	resumes: number;
	readonly jobs: Map<string, { readonly digest: string; blocks: number | undefined }>;
	audit: EventOf<'device-audit'> | undefined;
	outcome: EventOf<'device-final'>['outcome'] | undefined;
}
