import { type JobChange, type Presence, parsePresence, type StreamUpload } from '../../../harness/protocols/index.js';
import { type CloudObserver, openCloud } from '../../cloud/index.js';
import { overriding } from './overriding.js';

type OpenCloud = typeof openCloud;

/** Holds a job for done when the device says that the image is in its slot. */
export const openHastyService: OpenCloud = async (options) => {
	const done = new Set<string>();
	const observer = changing(options.observer, (change) => {
		if (change.statusDetails['self_test'] === 'ready') done.add(`${change.thing}/${change.jobId}`);
		return done.has(`${change.thing}/${change.jobId}`) ? { ...change, status: 'SUCCEEDED' } : change;
	});
	const cloud = await openCloud({ ...options, observer });
	return overriding(cloud, { jobStatus: (thing, job) => (done.has(`${thing}/${job}`) ? 'SUCCEEDED' : cloud.jobStatus(thing, job)) });
};

/** Credits a success to every device that has the job, whoever reported it. */
export const openConfusedService: OpenCloud = (options) => {
	const open = new Map<string, Set<string>>();
	const { observer } = options;
	return openCloud({
		...options,
		observer: {
			...observer,
			onJobStatus: (change) => {
				const things = open.get(change.jobId) ?? new Set();
				open.set(change.jobId, things.add(change.thing));
				const all = change.status === 'SUCCEEDED' ? [change.thing, ...[...things].filter((thing) => thing !== change.thing)] : [change.thing];
				for (const thing of all) observer?.onJobStatus?.({ ...change, thing });
			},
		},
	});
};

/** Believes what a device said of itself first. */
export const openConservativeService: OpenCloud = async (options) => {
	const cloud = await openCloud(options);
	const first = new Map<string, string | null>();
	return overriding(cloud, {
		believedVersion: (thing) => first.get(thing) ?? cloud.believedVersion(thing),
		createJob: (job) => {
			for (const thing of job.things) if (!first.has(thing)) first.set(thing, cloud.believedVersion(thing));
			cloud.createJob(job);
		},
	});
};

/** Serves a file's second half after the first half of the file before it. */
export const openSwappingService: OpenCloud = async (options) => {
	const cloud = await openCloud(options);
	let before: StreamUpload['files'] = [];
	return overriding(cloud, {
		publishFile: (stream, files) => {
			const mixed = files.map((file, index) => ({ ...file, bytes: joinHalves(before[index]?.bytes ?? file.bytes, file.bytes) }));
			before = files;
			return cloud.publishFile(stream, mixed);
		},
	});
};

/** Addresses a job to the group that the one before went to, too. */
export const openWrongGroupService: OpenCloud = async (options) => {
	const cloud = await openCloud(options);
	let before: readonly string[] = [];
	return overriding(cloud, {
		createJob: (job) => {
			cloud.createJob({ ...job, things: [...new Set([...job.things, ...before])] });
			before = job.things;
		},
	});
};

/** Lets anybody who has an account speak on any topic. */
export const openPublicService: OpenCloud = (options) => openCloud({ ...options, access: { mayPublish: () => true, maySubscribe: () => true } });

const changing = (observer: CloudObserver | undefined, change: (original: JobChange) => JobChange): CloudObserver => ({
	...observer,
	onJobStatus: (original) => observer?.onJobStatus?.(change(original)),
});

const joinHalves = (first: Uint8Array, second: Uint8Array): Uint8Array => {
	const joined = new Uint8Array(second);
	joined.set(first.subarray(0, first.length >> 1));
	return joined;
};

/** Believes the last word about a connection, whichever session it is of. */
export const openLastWordService: OpenCloud = (options) => {
	const last = new Map<string, Presence['state']>();
	return openCloud({
		...options,
		presence: {
			receive: (thing, payload) => {
				const message = parsePresence(payload);
				if (message !== undefined) last.set(thing, message.state);
			},
			of: (thing) => last.get(thing) ?? null,
			forget: () => last.clear(),
		},
	});
};
