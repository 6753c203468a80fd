import { createHttpPort } from '../cloud/artifacts/index.js';
import type { Agent } from './agent.js';
import { UrlDownload, type UrlDownloadOptions } from './url-download.js';

export interface UrlFetch extends Pick<UrlDownloadOptions, 'url' | 'sizeBytes' | 'container' | 'hasBlock' | 'onBlock' | 'onDone' | 'onRejected'> {
	/** Whether what the file was fetched for has come to its end. */
	isOver(): boolean;
}

/** A download by HTTP for a device's program: over connections of its own that end with this life, its cost counted. */
export const fetchByUrl = (agent: Agent, { isOver, onBlock, ...file }: UrlFetch): UrlDownload => {
	const { device } = agent;
	const { authority, headersOf } = device.surroundings.artifacts ?? {};
	const dial = (target: URL) => agent.dialArtifacts(target);
	const download = new UrlDownload({
		...file,
		blockSizeBytes: device.profile.download.blockSizeBytes,
		http: createHttpPort(authority === undefined ? { dial, isSecured: true } : { dial, authority }),
		userAgent: device.id,
		...(headersOf && { headers: headersOf(device) }),
		onBlock: (block, bytes) => {
			device.tally.bytesReceived += bytes.length;
			onBlock(block, bytes);
		},
		onArrived: () => device.download.blockArrived(),
		onCut: () => {
			device.download.cut();
			device.download.resume();
		},
		run: (work) => {
			// Answers come in promises, which no end of a life takes back.
			if (device.agent?.life !== agent.life || isOver()) download.stop();
			else device.run(work);
		},
		after: (delayMs, work) => {
			device.after(delayMs, () => {
				if (!isOver()) work();
			});
		},
	});
	return download;
};
