import { type JobStatus, parseDeviceReport } from '../../../harness/protocols/index.js';
import type { FwState, TbAccount } from '../../../harness/protocols/thingsboard/index.js';
import { type ChunkFault, openThingsboard } from '../../cloud/thingsboard/index.js';
import type { ArtifactFault } from '../../cloud/artifacts/index.js';
import type { DialectService, DialectServiceOptions } from '../dialect.js';

/** ThingsBoard as a fleet's update service: a job is a package that is assigned, under its tag. It has no words for one that is taken back. */
export const openThingsboardService = async ({ clock, onStatus, onReport, faultOf }: DialectServiceOptions): Promise<DialectService> => {
	const accounts = new Map<string, TbAccount>();
	/** What each thing's states are of, until one ends it. */
	const open = new Map<string, string>();
	const server = await openThingsboard({
		clock,
		onTelemetry: ({ name: thing }, { fw_state: state, fw_error: reason }) => {
			const jobId = open.get(thing);
			if (jobId === undefined || state === undefined) return;
			const status = statusOf(state);
			if (status === 'SUCCEEDED' || status === 'FAILED') open.delete(thing);
			onStatus({ thing, jobId, status, ...(reason === undefined ? {} : { reason }) });
		},
		onAttributes: ({ name: thing, clientAttributes }) => {
			const report = parseDeviceReport(Buffer.from(JSON.stringify(Object.fromEntries(clientAttributes))));
			if (report) onReport(thing, report);
		},
		faultOf: ({ name }) => {
			const fault = faultOf(name);
			return fault && chunkFaultOf(fault);
		},
	});
	const accountOf = (thing: string): TbAccount => {
		const account = accounts.get(thing);
		if (!account) throw new RangeError(`thing: one that was admitted was expected, got ${thing}`);
		return account;
	};
	const withdraw = (thing: string, jobId: string): void => {
		if (open.get(thing) !== jobId) return;
		open.delete(thing);
		server.unassign(accountOf(thing));
		onStatus({ thing, jobId, status: 'CANCELED' });
	};
	return {
		admit: (thing, token) => void accounts.set(thing, server.addDevice(thing, { token })),
		accept: (stream) => server.accept(stream),
		offer: ({ thing, jobId, update, bytes }) => {
			const before = open.get(thing);
			if (before !== undefined) withdraw(thing, before);
			open.set(thing, jobId);
			const { hardware, version, sizeBytes, digest } = update;
			const firmware = { fw_title: hardware, fw_version: version, fw_tag: jobId, fw_size: sizeBytes, fw_checksum_algorithm: 'SHA256', fw_checksum: digest };
			server.assign(accountOf(thing), { firmware, bytes });
		},
		withdraw,
		cut: () => server.cut(),
		[Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
	};
};

const statusOf = (state: FwState): JobStatus => {
	if (state === 'UPDATED') return 'SUCCEEDED';
	if (state === 'FAILED') return 'FAILED';
	return state === 'QUEUED' || state === 'INITIATED' ? 'QUEUED' : 'IN_PROGRESS';
};

/** What of a download by URL there is in one by chunks. */
const chunkFaultOf = (fault: ArtifactFault): ChunkFault => {
	if (fault.kind === 'flipped-bit') return fault;
	if (fault.kind === 'cut') return { kind: 'cut' };
	throw new RangeError(`artifacts-wrong: flipped-bit or cut was expected over ThingsBoard, got ${fault.kind}`);
};
