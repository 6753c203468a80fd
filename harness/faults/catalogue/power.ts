import type { FaultRow } from './row.js';

/** Power and reset. The form of a power cut is its operation, tear and area of flash, or `message`, or `moment`. */
export const POWER_ROWS: readonly FaultRow[] = [
	{ id: 'P1', fault: 'power lost before a flash operation', sightings: [{ seen: 'power-cut', form: / before / }] },
	{ id: 'P2', fault: 'power lost just after a flash operation, before it returns', sightings: [{ seen: 'power-cut', form: / after / }] },
	{ id: 'P3', fault: 'power lost inside a write: a part of it, or any of its bits', sightings: [{ seen: 'power-cut', form: /^program (prefix|half|bits) / }] },
	{
		id: 'P4',
		fault: 'power lost inside an erase: half, programmed first, random',
		sightings: [{ seen: 'power-cut', form: /^erase (prefix|half|bits|unreadable) / }],
	},
	{ id: 'P5', fault: 'power lost twice or more in one update, in its recovery too', sightings: [{ seen: 'power-cut-again' }] },
	{
		id: 'P6',
		fault: 'resets at an interval: a watchdog, a flapping supply',
		sightings: [
			{ seen: 'image-behaviour', form: /^hangs-at-boot$/ },
			{ seen: 'power-cut-again', form: /^moment$/ },
		],
		proofs: [{ test: 'simulators/bootloader/mcuboot/swap-operations.test.ts', title: 'makes progress with a reset after every' }],
	},
	{ id: 'P7', fault: 'the supply sags: a write reports success and its bits are wrong', sightings: [{ seen: 'brown-out' }] },
	{
		id: 'P8',
		fault: 'the supply sags only when the new image transmits',
		whyNot:
			'a supply that sags under the radio alone is analogue, and needs a board. What it comes to, a trial that resets and is reverted with its cause, is exercised by T4 and M9.',
	},
	{
		id: 'P9',
		fault: 'power lost between the last byte of an image and its request, and inside the request',
		sightings: [{ seen: 'power-cut', form: / (record|journal)$/, phases: ['installing'] }],
		proofs: [
			{
				test: 'simulators/bootloader/mcuboot/mcuboot-bootloader.test.ts',
				title: 'a request for good that power cuts short is a request for a trial or none, never the other way round',
			},
		],
	},
	{
		id: 'P10',
		fault: 'power lost inside the confirm',
		sightings: [{ seen: 'power-cut', form: / record$/, phases: ['testing'] }],
		proofs: [{ test: 'simulators/bootloader/esp/esp-bootloader.test.ts', title: 'a confirm erases the only entry that counts before it writes it again' }],
	},
	{
		id: 'P11',
		fault: "power lost inside the bootloader's own note of a trial",
		sightings: [{ seen: 'power-cut', form: / record$/, phases: ['booting'] }],
		proofs: [
			{
				test: 'simulators/bootloader/esp/esp-bootloader.test.ts',
				title: 'power lost while a new entry is made pending loses the update, and the old image runs',
			},
		],
	},
	{
		id: 'P12',
		fault: 'power lost while the bootloader or the partition table is updated',
		whyNot: 'no job can reach them here: images go into slots alone, and what is no image for a slot is refused before a byte is written (M2, M4).',
	},
	{ id: 'P13', fault: 'the battery is too low when the update begins', sightings: [{ seen: 'battery-low' }] },
	{
		id: 'P14',
		fault: 'power cycled again and again right after the update: the self-test never finishes',
		sightings: [{ seen: 'power-cut', form: /^moment$/, phases: ['testing'] }],
	},
];
