import { type HexRun, joinRuns, readHexFile } from './intel-hex.js';

/** What is compiled and committed: bootloaders, two of them broken on purpose, and applications by their behaviour. */
export const BOARD_BOOTLOADERS = ['boot', 'boot-record-early', 'boot-no-journal'] as const;
export type BoardBootloader = (typeof BOARD_BOOTLOADERS)[number];

export const BOARD_APPLICATIONS = ['golden', 'candidate', 'crashes', 'silent', 'hangs', 'unwell'] as const;
export type BoardApplication = (typeof BOARD_APPLICATIONS)[number];

/** Compiled for slots of three pages, for the explorer. */
export const EXPLORED_SLOT_PAGES = 3;
export const readExploredBootloader = (name: BoardBootloader): readonly HexRun[] => readHex(`explored-${name}`);

export const readBootloader = (name: BoardBootloader): readonly HexRun[] => readHex(name);

/** Machine code from address 0 on, without fill or footer. */
export const readApplication = (name: BoardApplication): Uint8Array => joinRuns(readHex(`app-${name}`), { fromBytes: 0 });

const readHex = (name: string): readonly HexRun[] => readHexFile(new URL(`${name}.hex`, HEX_FOLDER));

const HEX_FOLDER = new URL('../../../simulators/board/firmware/hex/', import.meta.url);
