import { packMenderArtifact } from '../../../harness/protocols/mender/index.js';
import { type JobStatus, parseReportOfTexts } from '../../../harness/protocols/index.js';
import { createArtifact } from '../../cloud/artifacts/index.js';
import { createMemoryMender, type MenderAccount } from '../../cloud/mender/index.js';
import type { DialectService, DialectServiceOptions } from '../dialect.js';
import { artifactNameOf, identityOf, menderKeyOf, publicPemOf } from './mender-client.js';

const FILE_NAME = 'update.mender';

/** Mender as a fleet's update service: a job is a deployment under its name, an image the one file of an artifact. */
export const openMenderService = async ({ clock, onStatus, onReport, faultOf }: DialectServiceOptions): Promise<DialectService> => {
	const things = new Map<MenderAccount, string>();
	const { mender, memory } = createMemoryMender({
		clock,
		faultOf,
		onAttributes: (account) => {
			const thing = things.get(account);
			const report = parseReportOfTexts(Object.fromEntries(account.attributes.map(({ name, value }) => [name, value])));
			if (thing !== undefined && report) onReport(thing, report);
		},
	});
	const published = new Set<string>();
	const accountOf = (thing: string): MenderAccount => mender.devices.account(identityOf(thing));
	return {
		admit: (thing, secret) => {
			const account = accountOf(thing);
			things.set(account, thing);
			mender.devices.preauthorize(account, publicPemOf(menderKeyOf(secret)));
		},
		accept: (stream) => memory.accept(stream),
		offer: ({ thing, jobId, update, bytes }) => {
			const { version, hardware, digest } = update;
			const artifactName = artifactNameOf({ version, digest });
			if (!published.has(artifactName)) {
				const files = [{ name: 'image.bin', bytes }];
				const packed = packMenderArtifact({ artifactName, deviceTypes: [hardware], payloadType: 'slot-image', files }, { compression: 'none' });
				mender.publish(artifactName, [{ deviceTypes: [hardware], artifact: createArtifact(FILE_NAME, packed) }]);
				published.add(artifactName);
			}
			for (const open of accountOf(thing).deployments) open.abort();
			mender.deploy(accountOf(thing), {
				artifactName,
				id: jobId,
				onStatus: ({ status, log }) => {
					const reason = status === 'noartifact' ? 'the release has no artifact for this type of device' : log.at(-1)?.message;
					onStatus({ thing, jobId, status: STATUSES[status], ...(STATUSES[status] === 'FAILED' && reason ? { reason } : {}) });
				},
			});
		},
		withdraw: (thing, jobId) => {
			accountOf(thing)
				.deployments.find(({ id }) => id === jobId)
				?.abort();
		},
		cut: () => memory.cut(),
		[Symbol.asyncDispose]: async () => memory[Symbol.dispose](),
	};
};

const STATUSES: Readonly<Record<MenderAccount['deployments'][number]['status'], JobStatus>> = {
	pending: 'QUEUED',
	downloading: 'IN_PROGRESS',
	pause_before_installing: 'IN_PROGRESS',
	installing: 'IN_PROGRESS',
	pause_before_rebooting: 'IN_PROGRESS',
	rebooting: 'IN_PROGRESS',
	pause_before_committing: 'IN_PROGRESS',
	success: 'SUCCEEDED',
	'already-installed': 'SUCCEEDED',
	failure: 'FAILED',
	noartifact: 'FAILED',
	aborted: 'CANCELED',
	decommissioned: 'REMOVED',
};
