import type { Release } from '../../harness/firmware/index.js';
import { Atmega328p } from './avr/atmega328p.js';
import { CLOCK_HZ } from './avr/clock.js';
import { manufacture, program } from './factory.js';
import { readBootloader } from './firmware-files.js';

import { virtualBoardReleases } from './releases.js';

const WITHIN_CYCLES = 10 * CLOCK_HZ;

/** Runs a board's installation, its first trial and its confirm as fast as it goes; gives the cycles that its processor passed through. */
export const measureEmulation = (): { readonly cycles: number } => {
	const releases = virtualBoardReleases();
	const imageOf = (release: Release) => release.images[0]?.bytes as Uint8Array;
	const memory = manufacture({ bootloader: readBootloader('boot'), image: imageOf(releases.golden()), serial: 'bench' });
	program(memory, { area: 'secondary', image: imageOf(releases.candidate()), bootloader: [] });
	let said = '';
	const chip = new Atmega328p({
		memory,
		onTransmit: (byte) => {
			said += String.fromCharCode(byte);
		},
	});
	const until = (text: string) => {
		const slice = CLOCK_HZ / 1000;
		for (const end = chip.cycles + WITHIN_CYCLES; !said.includes(text); chip.runUntil(chip.cycles + slice)) {
			if (chip.cycles > end) throw new Error(`${JSON.stringify(text)} was expected, got ${JSON.stringify(said)}`);
		}
		said = '';
	};
	until('> ');
	chip.receive(new TextEncoder().encode('try\rreboot\r'));
	until('app: confirmed');
	return { cycles: chip.cycles };
};
