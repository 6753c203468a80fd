import type { ImageBehaviour, ImageDefect } from '../../harness/firmware/index.js';
import { CLOCK_STORIES } from './clock-stories.js';
import { flashedInTheDownload, forged, revokedKey, twoCampaigns } from './intruder-stories.js';
import { cutAfterwards, cutLate, linkDrops, PARTIAL, powerDrops, replacedInTheDark, revertedMigration, supplySags } from './loss-stories.js';
import { clonedDevice, noticesKeptForAReturn, powerBackEverywhere, rebootBehindADeadConnection, regionGoneForGood } from './region-stories.js';
import { mixedRolloutTakenBack, partlyBad, rolledOut, silentPilot } from './rollout-stories.js';
import { brokerGone, brokerGoneAfterwards, deafService, oldNotices, restoredAfter, takenBackAfter } from './service-stories.js';
import { BRIEF, candidate, type Choose, deploy, earlier, migrating, SLOW } from './story-parts.js';
import type { Story } from './tell-story.js';

const MINUTE_MS = 60_000;

/** One device of each revision is sent releases, one after the other, with nothing else done to it. */
const sent = (...choices: readonly Choose[]): Story => ({
	options: { devices: 3, ...BRIEF },
	tell: async ({ fleet }) => {
		for (const choose of choices) await deploy(fleet, choose(fleet));
	},
});

const behaving = (behaviour: ImageBehaviour): Story => sent(({ releases }) => releases.behaving(behaviour));
const forbidden = (defect: ImageDefect): Story => sent(({ releases }) => releases.forbidden(defect));

const sentSlowly = (choose: Choose): Story => ({
	options: { devices: 1, profiles: ['sensor'], link: SLOW, referenceShare: 0 },
	tell: ({ fleet }) => deploy(fleet, choose(fleet)),
});

/** Every story that is told in the museum, by name. */
export const STORIES = {
	'healthy-update': sent(candidate),
	'short-last-block': sent(earlier),
	'migrating-update': sent(migrating),
	'two-updates': sent(earlier, candidate),
	'same-release-twice': sent(candidate, candidate),
	'sent-back': sent(candidate, ({ releases }) => releases.installed()),
	'release-that-crashes': behaving('crashes-at-boot'),
	'release-that-hangs': behaving('hangs-at-boot'),
	'release-that-fails-its-test': behaving('fails-self-test'),
	'release-without-network': behaving('cannot-connect'),
	'release-that-forgets-to-confirm': behaving('forgets-to-confirm'),
	'crash-over-a-slow-link': sentSlowly(({ releases }) => releases.behaving('crashes-at-boot')),
	'unsigned-image': forbidden('unsigned'),
	'image-of-an-unknown-key': forbidden('unknown-key'),
	'image-with-a-broken-signature': forbidden('signature'),
	'image-with-a-flipped-bit': forbidden('payload-bit'),
	'image-of-a-changed-version': forbidden('version'),
	'image-for-other-hardware': forbidden('other-hardware'),
	'image-with-an-unmet-dependency': forbidden('dependency-not-met'),
	'older-image': forbidden('downgrade'),
	'error-page-in-place-of-an-image': cutAfterwards(({ releases }) => releases.forbidden('html-page')),
	'image-larger-than-the-slot': cutAfterwards(candidate, ({ releases }) => releases.forbidden('too-large')),
	'power-cycles-afterwards': cutAfterwards(candidate),
	'power-lost-late': cutLate(candidate, { tears: PARTIAL }),
	'power-lost-late-in-a-second-update': cutLate(candidate, { after: earlier, tears: PARTIAL }),
	'power-lost-late-in-a-migration': cutLate(migrating, { tears: PARTIAL }),
	'power-loss-that-leaves-unreadable-words': cutLate(migrating, { tears: ['unreadable'] }),
	'migration-that-is-reverted': revertedMigration,
	'power-lost-in-the-download': powerDrops,
	'link-lost-in-the-download': linkDrops,
	'supply-sags-in-the-download': supplySags,
	'job-replaced-in-the-dark': replacedInTheDark,
	'job-cancelled-in-the-download': takenBackAfter(
		{ devices: 2, profiles: ['sensor'], link: { ...SLOW, bandwidthBytesPerS: 500 }, referenceShare: 0 },
		MINUTE_MS / 2,
	),
	'job-cancelled-in-the-trial': takenBackAfter({ devices: 3, referenceShare: 0 }, MINUTE_MS),
	'deaf-service': deafService,
	'old-notices': oldNotices,
	'service-restored-after-an-update': restoredAfter(candidate),
	'service-restored-to-an-older-job': restoredAfter(earlier, candidate),
	'broker-gone': brokerGone,
	'broker-gone-afterwards': brokerGoneAfterwards,
	'power-back-everywhere': powerBackEverywhere,
	'cloned-device': clonedDevice,
	'reboot-behind-a-dead-connection': rebootBehindADeadConnection,
	'region-gone-for-good': regionGoneForGood,
	'notices-kept-for-a-return': noticesKeptForAReturn,
	...CLOCK_STORIES,
	'good-rollout': rolledOut(candidate),
	'bad-rollout': rolledOut(({ releases }) => releases.behaving('fails-self-test')),
	'rollout-taken-back': rolledOut(partlyBad, { rollback: true }),
	'mixed-rollout-taken-back': mixedRolloutTakenBack,
	'silent-pilot': silentPilot,
	'revoked-key': revokedKey,
	'two-campaigns-at-once': twoCampaigns,
	'slot-flashed-in-the-download': flashedInTheDownload,
	'success-of-another': forged('success'),
	'report-of-another': forged('report'),
	'image-that-is-two': forbidden('mix-and-match'),
	'counter-far-ahead': forbidden('fast-forward'),
} as const satisfies Readonly<Record<string, Story>>;

export type StoryName = keyof typeof STORIES;

export const STORY_NAMES = Object.keys(STORIES) as readonly StoryName[];
