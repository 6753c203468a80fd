import type { FaultRow, Sighting } from './row.js';

/** The update service and its jobs. */
export const SERVICE_ROWS: readonly FaultRow[] = [
	{
		id: 'S1',
		fault: 'the device reboots in the middle of its job',
		sightings: (['power-cut', 'region-power-cut'] as const).map((seen) => ({
			seen,
			phases: ['downloading', 'installing', 'booting', 'testing', 'reporting', 'recovering'],
		})),
	},
	{
		id: 'S2',
		fault: 'success is reported before reboot and check, then comes a rollback',
		sightings: [{ seen: 'image-behaviour', form: /^(crashes-at-boot|fails-self-test)$/ }],
		proofs: [{ exhibit: 'success-before-the-reboot' }, { exhibit: 'success-before-the-confirm' }],
	},
	{
		id: 'S3',
		fault: 'the final report is lost: the service is down, the connection fails',
		sightings: [
			{ seen: 'report-lost', phases: ['reporting', 'recovering'] },
			...(['service-down', 'broker-restart', 'link-reset', 'link-half-open'] as const).map((seen): Sighting => ({ seen, phases: ['reporting', 'recovering'] })),
		],
		proofs: [{ exhibit: 'does-not-wait-for-an-answer' }],
	},
	{
		id: 'S4',
		fault: 'a job comes twice, stale, or for the version that runs',
		sightings: [{ seen: 'job-again' }, { seen: 'job-repeated' }, { seen: 'job-retained' }],
		proofs: [{ exhibit: 'obeys-an-old-notice' }, { test: 'simulators/device/agent.test.ts', title: 'a job that is told of again and again is taken once' }],
	},
	{ id: 'S5', fault: 'a job is cancelled during the download, the install, the trial', sightings: [{ seen: 'job-cancelled' }] },
	{
		id: 'S6',
		fault: 'a job is changed or replaced while it runs',
		proofs: [
			{ scenario: 'jobs', title: 'a job superseded in each phase ends with the later release, and never a mixture' },
			{ exhibit: 'joins-two-jobs' },
			{ exhibit: 'drops-a-job-at-any-notice' },
			{ test: 'simulators/device/agent.test.ts', title: 'a job that is cancelled and replaced in the middle of its download gives way to the next' },
		],
	},
	{
		id: 'S7',
		fault: 'version conflicts, throttling, a job that has ended already',
		sightings: [{ seen: 'version-conflict' }, { seen: 'throttled' }],
		proofs: [
			{ exhibit: 'repeats-a-stale-version' },
			{ test: 'harness/protocols/aws-iot/job-executions.test.ts', title: 'a wrong expected version is rejected with the state as it is' },
		],
	},
	{
		id: 'S8',
		fault: "the service's clock is wrong, ids repeat, statuses come out of order",
		sightings: [{ seen: 'report-repeated' }, { seen: 'answers-slow' }],
		proofs: [
			{ test: 'harness/protocols/aws-iot/jobs-client.test.ts', title: 'answers are matched by token and topic, each once, in any order' },
			{ test: 'harness/protocols/aws-iot/job-executions.test.ts', title: 'of all changes from every status to every status a device can make exactly those' },
		],
	},
	{
		id: 'S9',
		fault: 'a rollout halts at its threshold; all canaries are offline',
		sightings: [{ seen: 'decision', form: /^(rollout-halted|gate-halt|halted|device-silent)$/ }],
		proofs: [{ exhibit: 'takes-silence-for-success' }],
	},
	{
		id: 'S10',
		fault: 'the service is restored from an old backup',
		sightings: [{ seen: 'service-restored' }],
		proofs: [{ exhibit: 'does-not-remember-jobs' }, { exhibit: 'does-not-repeat-itself' }],
	},
];
