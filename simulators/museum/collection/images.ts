import type { Exhibit } from '../exhibit.js';
import { bootloaders, counters, gates, installations, services, writers } from '../parts/index.js';

/** Nothing between the download and the first instruction asks what it is that was downloaded. */
const UNGUARDED = { objectionToImage: gates.openGate, createBootloader: bootloaders.createCredulousBootloader } as const;

/** Agent and bootloader check all but one thing. */
const forgiving = (objection: RegExp): Exhibit['parts'] => ({
	device: { objectionToImage: gates.forgivingGate(objection), createBootloader: bootloaders.createForgivingBootloader(objection) },
});

/** What runs that nobody released, nobody signed, or nobody should go back to. */
export const IMAGES: readonly Exhibit[] = [
	{
		name: 'last-block-is-lost',
		bug: 'a writer keeps a last, short block for one that never comes',
		incident: 'MQTT at QoS 0: a chunk that is dropped under load is not sent again',
		story: 'short-last-block',
		invariant: 'whole',
		parts: { device: { ...UNGUARDED, createWriter: writers.createTailLosingWriter } },
	},
	{
		name: 'trusts-a-weak-supply',
		bug: 'a writer takes the word of its flash for it that a program came out right',
		incident: 'raburton/esp8266#25: with too little voltage the chip runs, and what it writes to flash is wrong',
		story: 'supply-sags-in-the-download',
		invariant: 'whole',
		parts: { device: { ...UNGUARDED, createWriter: writers.createUnverifyingWriter } },
	},
	{
		name: 'marks-before-it-writes',
		bug: 'a writer marks a block as there, and then writes it',
		incident: 'mcuboot#829, zephyr#28933: what is written of an update does not go with what is written of its image',
		story: 'power-lost-in-the-download',
		invariant: 'whole',
		parts: { device: { ...UNGUARDED, createWriter: writers.createMarkFirstWriter } },
	},
	{
		name: 'trial-before-the-image',
		bug: 'an agent asks for a trial and downloads what is to be tried after that',
		incident: 'MCUboot, boot_set_next: a request is three writes, and has a meaning after each of them',
		story: 'power-lost-in-the-download',
		invariant: 'whole',
		parts: { device: { ...UNGUARDED, createInstallation: installations.createTrialFirstInstallation } },
	},
	{
		name: 'joins-two-jobs',
		bug: 'a download goes on where the one of another job stopped',
		incident: 'hawkBit: "unfinished update has a successor"',
		story: 'job-replaced-in-the-dark',
		invariant: 'whole',
		parts: { device: { ...UNGUARDED, createWriter: writers.createMixingWriter } },
	},
	{
		name: 'package-swapped-on-the-server',
		bug: 'a service goes on with another package in the middle of a download',
		incident: "ThingsBoard's MqttTransportHandler keeps a package by session and request id: the same id yields another one after a reconnect",
		story: 'two-updates',
		invariant: 'whole',
		parts: { device: UNGUARDED, openCloud: services.openSwappingService },
	},
	{
		name: 'unsigned-image-runs',
		bug: 'an image without a signature is as good as one with it',
		incident: 'Uptane: arbitrary software attack',
		story: 'unsigned-image',
		invariant: 'authentic',
		parts: forgiving(/the image carries none/),
	},
	{
		name: 'any-key-will-do',
		bug: 'a signature is as good as any other, whoever made it',
		incident: 'SUIT THREAT.IMG.NON_AUTH (RFC 9124)',
		story: 'image-of-an-unknown-key',
		invariant: 'authentic',
		parts: forgiving(/^(?:image refused: )?key: /),
	},
	{
		name: 'signature-is-not-compared',
		bug: 'a signature must be there, and nobody compares it',
		incident: 'SUIT THREAT.IMG.NON_AUTH (RFC 9124)',
		story: 'image-with-a-broken-signature',
		invariant: 'authentic',
		parts: forgiving(/the signature does not match/),
	},
	{
		name: 'hash-stands-in-for-a-signature',
		bug: 'an agent and a bootloader take the hash that the job names for a proof of who made the image',
		incident: 'SUIT THREAT.IMG.REPLACE (RFC 9124)',
		story: 'unsigned-image',
		invariant: 'authentic',
		parts: { device: { objectionToImage: gates.hashOnlyGate, createBootloader: bootloaders.createCredulousBootloader } },
	},
	{
		name: 'hash-is-not-compared',
		bug: 'an image whose bytes are not those that were hashed and signed runs',
		incident: "measured on 66 mutated images: imgtool's verify accepts 3 that bootutil rejects",
		story: 'image-with-a-flipped-bit',
		invariant: 'authentic',
		parts: forgiving(/SHA256|the signature does not match/),
	},
	{
		name: 'header-is-not-covered',
		bug: 'the header of an image may say what it likes',
		incident: 'SUIT THREAT.MFST.MODIFICATION (RFC 9124)',
		story: 'image-of-a-changed-version',
		invariant: 'authentic',
		parts: forgiving(/SHA256|the signature does not match/),
	},
	{
		name: 'image-for-another-model-runs',
		bug: 'a good signature is enough, whatever hardware the image is for',
		incident: 'LockState 2017: some 500 locks bricked by firmware that was meant for another model',
		story: 'image-for-other-hardware',
		invariant: 'authentic',
		parts: forgiving(/UUID_CID/),
	},
	{
		name: 'dependencies-are-not-met',
		bug: 'an image runs beside another that it does not go with',
		incident: "MCUboot's dependency_combos: both images old or both new, never a mix",
		story: 'image-with-an-unmet-dependency',
		invariant: 'authentic',
		parts: forgiving(/DEPENDENCY/),
	},
	{
		name: 'older-counter-is-accepted',
		bug: 'an agent and a bootloader do not look at the security counter of an image that never ran here',
		incident: 'TUF, Uptane: rollback attack',
		story: 'older-image',
		invariant: 'no-downgrade',
		parts: { device: { objectionToImage: gates.hashOnlyGate, createBootloader: bootloaders.createCounterBlindBootloader } },
	},
	{
		name: 'goes-back-when-told-to',
		bug: 'an agent and a bootloader take a release back that raised the counter',
		incident: 'SUIT THREAT.IMG.EXPIRED (RFC 9124)',
		story: 'sent-back',
		invariant: 'no-downgrade',
		parts: { device: { objectionToImage: gates.hashOnlyGate, createBootloader: bootloaders.createCounterBlindBootloader } },
	},
	{
		name: 'counter-follows-the-image-down',
		bug: 'the one-way counter is a word in flash that takes the value of whatever is confirmed',
		incident: 'TUF, Uptane: rollback attack',
		story: 'sent-back',
		invariant: 'no-downgrade',
		parts: {
			device: {
				objectionToImage: gates.hashOnlyGate,
				createCounter: counters.createRewritableCounter,
				createBootloader: bootloaders.createCounterFollowingBootloader,
			},
		},
	},
	{
		name: 'counter-burnt-before-confirm',
		bug: 'a bootloader raises the counter when an image is put on trial, so that there is no way back from it',
		incident: 'MCUboot raises a counter at the boot after the confirm, and not before, for this reason',
		story: 'healthy-update',
		invariant: 'no-downgrade',
		parts: { device: { createBootloader: bootloaders.createCounterBurningBootloader } },
	},
];
