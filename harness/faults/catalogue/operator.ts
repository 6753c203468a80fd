import type { FaultRow } from './row.js';

/** Time, configuration and operator. */
export const OPERATOR_ROWS: readonly FaultRow[] = [
	{
		id: 'T1',
		fault: 'the clock is at 1970 or 2106, or jumps after a power loss',
		sightings: [{ seen: 'clock-jump' }],
		proofs: [
			{
				scenario: 'wrong-clock',
				title: 'a clock that begins at 1970 with each return of power keeps nobody from connecting, even where no time server answers',
			},
			{ exhibit: 'no-floor-under-the-clock' },
			{ exhibit: 'floor-from-its-own-clock' },
			{ exhibit: 'resets-over-a-certificate' },
		],
	},
	{
		id: 'T2',
		fault: 'a certificate expires or rotates between download and confirm',
		sightings: [{ seen: 'image-behaviour', form: /^lets-certificate-expire$/ }],
		proofs: [
			{ scenario: 'wrong-clock', title: "devices that were dark for longer than the service's certificate lives ask for the time, and come back" },
			{ test: 'simulators/fleet/certificates.test.ts', title: 'a renewal waits until a trial has ended, so that a revert takes nothing back' },
			{ exhibit: 'never-renews-its-certificate' },
		],
	},
	{
		id: 'T3',
		fault: 'a new image rewrites the configuration, then comes a rollback',
		sightings: [
			{ seen: 'image-behaviour', form: /^migrates-settings$/ },
			{ seen: 'power-cut', form: / settings$/ },
		],
		proofs: [{ exhibit: 'migration-drops-the-old-schema' }],
	},
	{
		id: 'T4',
		fault: 'confirmed before connectivity is proven',
		sightings: [{ seen: 'image-behaviour', form: /^cannot-connect$/ }],
		proofs: [{ exhibit: 'confirms-without-a-network' }, { exhibit: 'confirm-on-line-one' }],
	},
	{ id: 'T5', fault: 'never confirmed', sightings: [{ seen: 'image-behaviour', form: /^forgets-to-confirm$/ }] },
	{
		id: 'T6',
		fault: 'a bootloader that is older than the application',
		proofs: [
			{
				test: 'simulators/bootloader/esp/esp-bootloader.test.ts',
				title: 'of two entries the valid one with the larger sequence counts, whatever a state says that nobody knows',
			},
		],
	},
	{
		id: 'T7',
		fault: 'the fallback boots another slot than the metadata says, and the next update overwrites what runs',
		proofs: [
			{ test: 'simulators/bootloader/ab-bootloader.test.ts', title: 'with both records lost the newest image runs as a trial' },
			{ exhibit: 'update-in-place' },
		],
	},
	{
		id: 'T8',
		fault: 'an interrupted install into a slot that is still marked as valid',
		proofs: [{ exhibit: 'trial-before-the-image' }, { exhibit: 'marks-before-it-writes' }],
	},
	{
		id: 'T9',
		fault: 'the operator: wrong group, wrong key, two rollouts at once, abort halfway, a board flashed by hand',
		sightings: [
			{ seen: 'decision', form: /^(drift|device-left-out|refused|aborted)$/ },
			{ seen: 'controller-kill' },
			{ seen: 'campaign-abort' },
			{ seen: 'flashed-by-hand' },
		],
		proofs: [{ exhibit: 'sends-to-the-wrong-group' }],
	},
	{
		id: 'T10',
		fault: 'a permanent request after a trial request is silently ignored',
		proofs: [
			{
				test: 'simulators/bootloader/mcuboot/known-limits.test.ts',
				title: 'trial-stays-trial: a request for good after one for a trial changes nothing',
			},
		],
	},
	{
		id: 'T11',
		fault: 'an update while the device does its work: a motor turns, a lock is open',
		whyNot: 'what an application does besides its update is not simulated; a self-test of your own on a board is the place for it.',
	},
	{
		id: 'T12',
		fault: 'an update at the end of its window, a window across a change of the clocks',
		sightings: [{ seen: 'decision', form: /^window-overrun$/ }],
		proofs: [
			{ scenario: 'campaign', title: 'a maintenance window is kept over the change to summer time' },
			{ scenario: 'right-moment', title: 'a maintenance window in the hour that comes twice in autumn opens once' },
			{ test: 'harness/campaign/window/maintenance-windows.test.ts', title: 'an update that does not fit the rest of a window waits for the next' },
		],
	},
];
