import type { FaultRow } from './row.js';

/** Images. The form of a defect is its name, or that of imgtool's vector; the form of a behaviour its name. */
export const IMAGE_ROWS: readonly FaultRow[] = [
	{
		id: 'M1',
		fault: 'a bit flipped in header, payload, TLVs or signature',
		sightings: [{ seen: 'image-defect', form: /^(magic|header-size|flags|version|payload-bit|hash|signature|tlv-info|protected-tlv)$/ }],
	},
	{
		id: 'M2',
		fault: 'sizes that are wrong, overflow, or point outside',
		sightings: [{ seen: 'image-defect', form: /^(image-size|truncated|too-large|imgtool-c-(hdr-imgsize-huge|tlvtot-big))$/ }],
	},
	{
		id: 'M3',
		fault: 'an image for another board, with a good signature',
		sightings: [{ seen: 'image-defect', form: /^other-hardware$/ }],
		proofs: [{ exhibit: 'image-for-another-model-runs' }],
	},
	{
		id: 'M4',
		fault: 'the right image for the wrong slot or address',
		proofs: [{ test: 'harness/firmware/verify.test.ts', title: 'header flags that default options cannot boot are refused although signed' }],
	},
	{
		id: 'M5',
		fault: 'a dependency that is not met; two images that belong together, one cut off',
		sightings: [{ seen: 'image-defect', form: /^dependency-not-met$/ }],
		proofs: [{ test: 'harness/campaign/controller/select-devices.test.ts', title: 'where one of those that go together fails, the others go back' }],
	},
	{
		id: 'M6',
		fault: 'the same version signed again, with another payload',
		proofs: [{ test: 'harness/firmware/verify.test.ts', title: 'a downgrade is refused, an equal version is not' }],
	},
	{
		id: 'M7',
		fault: 'an encrypted, compressed or delta image on the wrong base',
		proofs: [{ test: 'harness/firmware/verify.test.ts', title: 'header flags that default options cannot boot are refused although signed' }],
	},
	{
		id: 'M8',
		fault: 'extra data after the image',
		proofs: [{ test: 'harness/firmware/hostile.test.ts', title: 'a flip after the image is accepted: nothing covers padding and trailer' }],
	},
	{
		id: 'M9',
		fault: 'a good signature on an image that crashes, hangs, or dies after its confirm',
		sightings: [
			{
				seen: 'image-behaviour',
				form: /^(crashes-at-boot|hangs-at-boot|fails-self-test|crashes-after-minutes|overheats|leaks-memory|warms-slowly|wears-flash)$/,
			},
			{ seen: 'weak-hardware' },
		],
	},
	{
		id: 'M10',
		fault: 'a downloaded configuration crashes its reader before the network is up',
		whyNot:
			'devices here take firmware from the service and no configuration: what they are configured with is what they left the factory with (T3 has it migrated).',
	},
];
