import type { Subject, SubjectImage } from '../../../harness/explorer/index.js';
import { PAGE_BYTES } from '../avr/non-volatile.js';
import { type BoardBootloader, EXPLORED_SLOT_PAGES, readExploredBootloader } from '../firmware-files.js';
import { buildImage } from '../image.js';
import { createBoardBootloader } from './board-bootloader.js';
import { layOutExplored } from './explored-layout.js';

/** As TRIAL_BOOTS in firmware/layout.h. */
const TRIAL_BOOTS = 3;

/** The virtual board's bootloader as the explorer walks it: the same C, compiled for slots of three pages. */
export const createBoardSubject = (bootloader: BoardBootloader = 'boot'): Subject => {
	const explored = layOutExplored({ slotPages: EXPLORED_SLOT_PAGES });
	const machineCode = readExploredBootloader(bootloader);
	const image = (version: string): SubjectImage => ({
		bytes: buildImage(new Uint8Array(0), { version, securityVersion: 1, slotBytes: EXPLORED_SLOT_PAGES * PAGE_BYTES }),
		securityCounter: 0,
		isAuthentic: true,
	});
	return {
		name: `avr-board/${bootloader}`,
		geometry: explored.geometry,
		layout: explored.layout,
		images: [image('1.0.0'), image('2.0.0')],
		contract: { trialBoots: TRIAL_BOOTS, reverts: true },
		create: ({ flash }) => createBoardBootloader({ flash, machineCode, explored }),
		// The machine code judges images itself.
		judge: () => ({ ok: false, reason: 'nobody asks' }),
		knownLimits: [],
	};
};
