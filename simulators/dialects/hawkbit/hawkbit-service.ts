import type { DdiAction } from '../../../harness/protocols/hawkbit-ddi/index.js';
import { type JobStatus, parseReportOfTexts } from '../../../harness/protocols/index.js';
import { createArtifact } from '../../cloud/artifacts/index.js';
import { createMemoryHawkbit, HARDWARE_KEY } from '../../cloud/hawkbit/index.js';
import type { DialectService, DialectServiceOptions } from '../dialect.js';
import { KEY_SETS_KEY, TENANT } from './hawkbit-client.js';

/** How often devices are told to ask. */
const SLEEP_MS = 30_000;

/** hawkBit as a fleet's update service: a job is a distribution that is assigned to targets. */
export const openHawkbitService = async ({ clock, onStatus, onReport, faultOf }: DialectServiceOptions): Promise<DialectService> => {
	const { hawkbit, memory } = createMemoryHawkbit({ clock, tenant: TENANT, sleepMs: SLEEP_MS, faultOf });
	const published = new Set<string>();
	return {
		admit: (thing, token) => {
			hawkbit.addTarget(thing, {
				token,
				wantsAttributes: false,
				onEntry: (action) => {
					const status = statusOf(action);
					const reason = action.history.at(-1)?.messages.join(', ');
					if (status) onStatus({ thing, jobId: action.distribution, status, ...(reason ? { reason } : {}) });
				},
				onAttributes: (attributes) => {
					const report = parseReportOfTexts(Object.fromEntries(attributes));
					if (report) onReport(thing, report);
				},
			});
		},
		accept: (stream) => memory.accept(stream),
		offer: ({ thing, jobId, update, bytes }) => {
			if (!published.has(jobId)) {
				const metadata = [
					{ key: HARDWARE_KEY, value: update.hardware },
					{ key: KEY_SETS_KEY, value: JSON.stringify(update.keySets) },
				];
				hawkbit.publish({
					name: jobId,
					modules: [{ part: 'bApp', name: jobId, version: update.version, artifacts: [createArtifact('image.bin', bytes)], metadata }],
				});
				published.add(jobId);
			}
			hawkbit.assign(thing, { distribution: jobId });
		},
		withdraw: (thing, jobId) => {
			const target = hawkbit.target(thing);
			const action = target.actions.findLast(({ distribution }) => distribution === jobId);
			if (action) target.cancel(action.id);
		},
		cut: () => memory.cut(),
		[Symbol.asyncDispose]: async () => memory[Symbol.dispose](),
	};
};

/** Undefined while a target has not answered whether it stops. */
const statusOf = ({ state }: DdiAction): JobStatus | undefined => {
	switch (state) {
		case 'finished':
			return 'SUCCEEDED';
		case 'error':
			return 'FAILED';
		case 'canceled':
			return 'CANCELED';
		case 'canceling':
		case 'wait-for-confirmation':
			return undefined;
		default:
			return 'IN_PROGRESS';
	}
};
