import type { FaultRow } from './row.js';

/** Attacks on images and jobs, after SUIT (RFC 9124), TUF and Uptane. */
/** A statement is signed with the key of the image, which nobody but its owner has. */
const STATEMENT_LIMITS =
	'signed statements of a release (its digest, until when it is good) are tried on images that the harness signs, with clocks and certificates on: of an image given with --image only the owner of its key could sign one, so that those cases run on the harness’s images even then, and the report says on which';

export const SECURITY_ROWS: readonly FaultRow[] = [
	{
		id: 'X1',
		fault: 'rollback: an older version, counter or manifest',
		sightings: [{ seen: 'image-defect', form: /^downgrade$/ }],
		proofs: [{ exhibit: 'older-counter-is-accepted' }],
	},
	{
		id: 'X2',
		fault: 'a security counter in the unsigned area',
		sightings: [{ seen: 'image-defect', form: /^imgtool-c-seccnt-unprot$/ }],
		proofs: [{ exhibit: 'counter-from-the-unsigned-area' }],
	},
	{ id: 'X3', fault: 'fast-forward: the highest counter signed once', sightings: [{ seen: 'image-defect', form: /^fast-forward$/ }] },
	{ id: 'X4', fault: 'a counter raised before the confirm, then a revert', proofs: [{ exhibit: 'counter-burnt-before-confirm' }] },
	{
		id: 'X5',
		fault: 'freeze: the same signed metadata for months',
		sightings: [{ seen: 'statement-changed', form: /^(prolonged|dropped)$/ }],
		proofs: [
			{
				scenario: 'attacks',
				title: 'a job that is offered for longer than it is good for holds nobody on it: devices that were away refuse it by their own clocks',
			},
			{ exhibit: 'takes-what-has-expired' },
			{ exhibit: 'believes-the-service-about-time' },
			{ test: 'harness/firmware/release-statement.test.ts', title: 'a statement is not believed with' },
		],
		limits: STATEMENT_LIMITS,
	},
	{
		id: 'X6',
		fault: 'mix and match: hash or signature of another release',
		sightings: [
			{ seen: 'image-defect', form: /^(mix-and-match|imgtool-c-rehash-stale-sig)$/ },
			{ seen: 'statement-changed', form: /^swapped$/ },
		],
		proofs: [{ exhibit: 'sends-what-was-not-approved' }],
		limits: STATEMENT_LIMITS,
	},
	{
		id: 'X7',
		fault: 'a key revoked or rotated while the device is offline',
		sightings: [{ seen: 'key-rotation' }, { seen: 'image-defect', form: /^revoked-key$/ }],
		proofs: [{ exhibit: 'keeps-revoked-keys' }],
	},
	{
		id: 'X8',
		fault: 'what was verified is not what is booted',
		sightings: [{ seen: 'flashed-by-hand' }],
		proofs: [{ scenario: 'operator', title: 'a foreign image that is written by hand over the one that runs never runs, and the image before it comes back' }],
	},
	{
		id: 'X9',
		fault: 'an unknown key, a wrong key hash, no key, no signature',
		sightings: [{ seen: 'image-defect', form: /^(unknown-key|unsigned)$/ }],
		proofs: [{ exhibit: 'any-key-will-do' }, { exhibit: 'unsigned-image-runs' }],
	},
	{
		id: 'X10',
		fault: "acknowledgements or commands on another device's topic",
		sightings: [{ seen: 'forged-message' }],
		proofs: [{ test: 'simulators/cloud/access.test.ts', title: 'no filter that a thing may subscribe to matches a topic of another thing' }],
	},
];
