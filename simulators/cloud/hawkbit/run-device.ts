import {
	DDI_MEDIA_TYPES,
	type DdiArtifact,
	type DdiChunk,
	type DdiDevice,
	type DdiOutcome,
	type DdiReply,
} from '../../../harness/protocols/hawkbit-ddi/index.js';
import type { Clock } from '../../../harness/time/index.js';
import { type ArtifactSink, askServer, type DownloadLimits, DownloadError, downloadArtifact, type HttpPort } from '../artifacts/index.js';

export interface DeviceRunOptions {
	readonly http: HttpPort;
	readonly clock: Clock;
	/** The target's own; sent with every request. */
	readonly token: string;
	/** Where a file is kept, over restarts too. */
	readonly sinkOf: (artifact: DdiArtifact) => ArtifactSink;
	readonly install: (chunks: readonly DdiChunk[], actionId: string) => Promise<DdiOutcome> | DdiOutcome;
	/** How often the server is asked during a download whether it is still wanted. */
	readonly askDuringDownloadMs?: number;
	readonly limits?: Partial<DownloadLimits>;
	/** Ends the run, in the middle of a request too, as a power cut does. */
	readonly signal: AbortSignal;
}

/** Does what a device's state machine says, over HTTP, until the signal: then it is dropped where it stands. */
export const runDevice = async (device: DdiDevice, options: DeviceRunOptions): Promise<void> => {
	const { clock, signal } = options;
	while (!signal.aborted) {
		const { step } = device;
		switch (step.kind) {
			case 'wait':
				await clock.sleep(step.forMs, 'the next poll');
				if (!signal.aborted) device.waited();
				break;
			case 'ask':
			case 'tell': {
				const reply = await ask(device, step.kind === 'ask' ? { method: 'GET', url: step.url } : step, options);
				if (signal.aborted) return;
				if (reply) device.answered(reply);
				else device.failed();
				break;
			}
			case 'download':
				await download(device, { ...options, artifacts: step.artifacts });
				break;
			case 'install': {
				device.installing();
				const outcome = await options.install(step.chunks, step.actionId);
				if (!signal.aborted) device.installed(outcome);
			}
		}
	}
};

const download = async (device: DdiDevice, options: DeviceRunOptions & { readonly artifacts: readonly DdiArtifact[] }): Promise<void> => {
	const stop = new AbortController();
	const ended = new AbortController();
	const stopWith = () => stop.abort();
	options.signal.addEventListener('abort', stopWith);
	const watch = watchForCancellation(device, { ...options, stop, ended: ended.signal });
	try {
		for (const artifact of options.artifacts) await downloadOne(artifact, { ...options, stop: stop.signal });
		device.downloaded('whole');
	} catch (error) {
		if (!(error instanceof DownloadError)) throw error;
		if (!options.signal.aborted) device.downloaded(error.code === 'cancelled' ? 'called-off' : { problem: error.message });
	} finally {
		ended.abort();
		options.signal.removeEventListener('abort', stopWith);
		await watch;
	}
};

const downloadOne = async (artifact: DdiArtifact, options: DeviceRunOptions & { readonly stop: AbortSignal }): Promise<void> => {
	const { sha256, sha1 } = artifact.hashes;
	const { download: https, 'download-http': plain } = artifact._links;
	const url = (https ?? plain)?.href;
	if (url === undefined || !URL.canParse(url)) throw new DownloadError('refused', `${artifact.filename}: no link to download it by`);
	await downloadArtifact({
		url,
		sizeBytes: artifact.size,
		...(sha256 === undefined ? { digest: sha1, algorithm: 'sha1' } : { digest: sha256 }),
		sink: options.sinkOf(artifact),
		http: options.http,
		clock: options.clock,
		headers: { authorization: `TargetToken ${options.token}` },
		...(options.limits && { limits: options.limits }),
		signal: options.stop,
	});
};

const watchForCancellation = async (
	device: DdiDevice,
	options: DeviceRunOptions & { readonly stop: AbortController; readonly ended: AbortSignal },
): Promise<void> => {
	const { clock, ended, stop, askDuringDownloadMs = 5000 } = options;
	const base = device.baseUrl;
	while (!ended.aborted) {
		await clock.until(() => ended.aborted, { withinMs: askDuringDownloadMs, label: 'the end of a download' }).catch(() => {});
		if (ended.aborted) return;
		const reply = await ask(device, { method: 'GET', url: base }, { ...options, signal: ended });
		if (reply?.status === 200 && !ended.aborted && device.isCalledOff(reply.body)) stop.abort();
	}
};

const ask = (
	{ format }: DdiDevice,
	request: { readonly method: 'GET' | 'POST' | 'PUT'; readonly url: string; readonly body?: Uint8Array },
	options: Pick<DeviceRunOptions, 'http' | 'clock' | 'token' | 'signal'>,
): Promise<DdiReply | undefined> => {
	const { method, url, body } = request;
	const type = DDI_MEDIA_TYPES[format];
	const headers = { accept: type, authorization: `TargetToken ${options.token}`, ...(body && { 'content-type': type }) };
	return askServer({ method, url, headers, ...(body && { body }) }, options);
};
