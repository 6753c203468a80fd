import test from 'ava';
import type { InvariantName } from '../../../harness/events/index.js';
import type { ReplacedParts } from '../index.js';
import * as agents from './agents.test.support.js';
import * as bootloaders from './bootloaders.test.support.js';
import { judgeFleet, MINUTE_MS, type Story } from './judge-fleet.test.support.js';
import { blindRollout } from './rollouts.test.support.js';
import { createHastyStore, createOneSectorStore } from './settings-stores.test.support.js';
import { cutAfterwards, cutNearTheEnd, interrupted, rolledOut, sent } from './stories.test.support.js';

interface Proof {
	readonly invariant: InvariantName;
	/** What is wrong. */
	readonly title: string;
	readonly replaced: ReplacedParts;
	readonly story: Story;
	readonly message: RegExp;
}

const PROOFS: readonly Proof[] = [
	{
		invariant: 'bootable',
		title: 'a bootloader with one record, erased and rewritten, loses power',
		replaced: { device: { createBootloader: bootloaders.createSingleRecordBootloader } },
		story: cutNearTheEnd(({ releases }) => releases.candidate()),
		message: /does not boot after power-loss, and never again: the boot record is lost/,
	},
	{
		invariant: 'whole',
		title: 'a writer that loses the last block, with nobody to look at the hash',
		replaced: {
			device: {
				createWriter: agents.createTailLosingWriter,
				objectionToImage: agents.openGate,
				createBootloader: bootloaders.createCredulousBootloader,
			},
		},
		story: sent(({ releases }) => releases.candidate({ sizeBytes: 40_000 })),
		message: /boots bytes of no release from slot b/,
	},
	...(['unsigned', 'unknown-key', 'signature', 'other-hardware'] as const).map(
		(defect): Proof => ({
			invariant: 'authentic',
			title: `a device and a bootloader that take a hash for a signature meet an image: ${defect}`,
			replaced: { device: { objectionToImage: agents.hashOnlyGate, createBootloader: bootloaders.createCredulousBootloader } },
			story: sent(({ releases }) => releases.forbidden(defect)),
			message: /which must never run/,
		}),
	),
	{
		invariant: 'no-downgrade',
		title: 'a device and a bootloader that do not look at the security counter are sent back to an older release',
		replaced: { device: { objectionToImage: agents.hashOnlyGate, createBootloader: bootloaders.createCounterBlindBootloader } },
		story: {
			options: { devices: 3, referenceShare: 0 },
			tell: async (fleet) => {
				await fleet.deploy(fleet.releases.candidate());
				await fleet.settle({ withinMs: 60 * MINUTE_MS });
				await fleet.deploy(fleet.releases.installed());
				await fleet.settle({ withinMs: 60 * MINUTE_MS });
			},
		},
		message: /boots installed 1\.0\.0.* of security counter 5, below the device's 6/,
	},
	{
		invariant: 'no-downgrade',
		title: 'a device and a bootloader that do not look at the security counter are sent a downgrade',
		replaced: { device: { objectionToImage: agents.hashOnlyGate, createBootloader: bootloaders.createCounterBlindBootloader } },
		story: sent(({ releases }) => releases.forbidden('downgrade')),
		message: /boots downgrade 0\.9\.0.* of security counter 4, below the device's 5/,
	},
	{
		invariant: 'trial',
		title: 'a bootloader that never reverts is given an image that never confirms',
		replaced: { device: { createBootloader: bootloaders.createNeverRevertingBootloader } },
		story: sent(({ releases }) => releases.behaving('forgets-to-confirm'), { withinMs: 90 * MINUTE_MS }),
		message: /still runs forgets-to-confirm .* unconfirmed when the world closes/,
	},
	{
		invariant: 'trial',
		title: 'a bootloader that does not write a confirm down loses power afterwards',
		replaced: { device: { createBootloader: bootloaders.createUnconfirmingBootloader } },
		story: cutAfterwards(({ releases }) => releases.candidate()),
		message: /reverted to installed .*, although candidate .* is confirmed/,
	},
	{
		invariant: 'trial',
		title: 'an image that confirms itself in its first line is bad',
		replaced: { device: { createTrial: agents.createConfirmingTrial } },
		story: sent(({ releases }) => releases.behaving('fails-self-test')),
		message: /confirmed fails-self-test .* at its first instruction, before it could show anything/,
	},
	{
		invariant: 'settings',
		title: 'settings in one sector, erased and rewritten, are changed while power goes',
		replaced: { device: { createSettings: createOneSectorStore } },
		story: cutNearTheEnd(({ releases }) => releases.behaving('migrates-settings')),
		message: /settings [0-9a-f]+ were expected/,
	},
	{
		invariant: 'settings',
		title: 'a migration drops the old schema, and the image that needs it comes back',
		replaced: { device: { createSettings: createHastyStore } },
		story: cutNearTheEnd(({ releases }) => releases.behaving('migrates-settings')),
		message: /settings [0-9a-f]+ were expected/,
	},
	{
		invariant: 'truthful',
		title: 'an agent that reports success before the reboot installs an image that crashes',
		replaced: { device: { handOver: agents.hurriedHandOver } },
		story: sent(({ releases }) => releases.behaving('crashes-at-boot')),
		message: /for SUCCEEDED, and the device runs installed/,
	},
	{
		invariant: 'truthful',
		title: 'an agent that reports success before the reboot installs an image that is well',
		replaced: { device: { handOver: agents.hurriedHandOver } },
		story: sent(({ releases }) => releases.candidate()),
		message: /for SUCCEEDED, and the device runs installed/,
	},
	{
		invariant: 'converges',
		title: 'an agent that does not report failures installs a bad release for ever',
		replaced: { device: { reportOutcome: agents.retryForEver } },
		story: sent(({ releases }) => releases.behaving('crashes-at-boot'), { withinMs: MINUTE_MS }),
		message: /ended stuck/,
	},
	{
		invariant: 'converges',
		title: 'an agent that reports a failure only after many tries installs a bad release',
		replaced: { device: { reportOutcome: agents.retryVeryOften } },
		story: sent(({ releases }) => releases.behaving('crashes-at-boot')),
		message: /booted \d+ times; at most 13 were expected with 1 jobs and 0 disturbances/,
	},
	{
		invariant: 'converges',
		title: 'an agent that does not report failures gives up an image it refuses',
		replaced: { device: { reportOutcome: agents.giveUpSilently } },
		story: sent(({ releases }) => releases.forbidden('unsigned')),
		message: /ended stuck/,
	},
	{
		invariant: 'thrifty',
		title: 'an agent that begins with block zero after each reconnect',
		replaced: { device: { createInstallation: agents.createForgetfulInstallation } },
		story: interrupted('link', ({ releases }) => releases.candidate()),
		message: /blocks arrived for an image of 16; at most 24 were expected with 1 resumes/,
	},
	{
		invariant: 'thrifty',
		title: 'an agent that begins with block zero after each power loss',
		replaced: { device: { createWriter: agents.createForgetfulWriter } },
		story: interrupted('power', ({ releases }) => releases.candidate()),
		message: /blocks arrived for an image of 16; at most 24 were expected with 1 resumes/,
	},
	{
		invariant: 'contained',
		title: 'a rollout controller that takes every job that ended for a success',
		replaced: { rollOut: blindRollout },
		story: rolledOut(({ releases }) => releases.behaving('fails-self-test')),
		message: /the gate of wave 0 counted 0 failed and said go; the service holds 3 of 3 for failed/,
	},
];

for (const { invariant, title, replaced, story, message } of PROOFS) {
	test.serial(`${invariant} alone is broken, and not with the right part: ${title}`, async (t) => {
		const right = await judgeFleet(story);
		t.deepEqual(right.broken, []);
		t.true(right.of(invariant).checks > 0, 'the story puts the invariant to the test');
		const wrong = await judgeFleet(story, replaced);
		t.deepEqual(wrong.broken, [invariant], JSON.stringify(wrong.broken.map((name) => wrong.of(name).violations[0])));
		t.regex(wrong.of(invariant).violations[0]?.message ?? '', message);
	});
}

for (const [title, device] of [
	['the hash gate', { createWriter: agents.createTailLosingWriter, createBootloader: bootloaders.createCredulousBootloader }],
	['the bootloader', { createWriter: agents.createTailLosingWriter, objectionToImage: agents.openGate }],
	['the writer', { objectionToImage: agents.openGate, createBootloader: bootloaders.createCredulousBootloader }],
] as const) {
	test.serial(`of three parts that must all be wrong to run half an image, one that is right is enough: ${title}`, async (t) => {
		const { broken, of } = await judgeFleet(
			sent(({ releases }) => releases.candidate({ sizeBytes: 40_000 })),
			{ device },
		);
		t.deepEqual(broken, []);
		t.true(of('trial').checks + of('truthful').checks > 0);
	});
}

test('all ten invariants are proved', (t) => {
	const names = ['authentic', 'bootable', 'contained', 'converges', 'no-downgrade', 'settings', 'thrifty', 'trial', 'truthful', 'whole'];
	t.deepEqual([...new Set(PROOFS.map(({ invariant }) => invariant))].sort(), names as InvariantName[]);
});
