import type { KnownLimit, Remains } from '../../../harness/explorer/index.js';
import { OTA_ENTRY_BYTES, type OtaEntry, parseOtaEntry } from './ota-entry.js';

const entriesOf = ({ flash, layout }: Remains): readonly OtaEntry[] =>
	layout.records.map(({ offsetBytes }) => parseOtaEntry(flash.read(offsetBytes, OTA_ENTRY_BYTES)));

const hasUnreadableEntry = ({ inError, layout }: Remains): boolean =>
	layout.records.some((record) =>
		inError.some((area) => area.offsetBytes < record.offsetBytes + OTA_ENTRY_BYTES && record.offsetBytes < area.offsetBytes + area.sizeBytes),
	);

/** What ESP-IDF's own code breaks too. */
export const ESP_LIMITS: readonly KnownLimit[] = [
	{
		name: 'unreadable-entry',
		classes: ['trap', 'api-refuses'],
		leastCuts: 1,
		level: 'L3',
		shows: hasUnreadableEntry,
		what: 'an entry that cannot be read ends every boot; the SPI flash that ESP-IDF runs on has no such words',
		source: 'ESP-IDF components/bootloader_support/src/bootloader_common_loader.c, bootloader_common_get_active_otadata',
	},
	{
		name: 'nothing-to-confirm',
		classes: ['api-refuses'],
		detail: /^confirm: no-record/,
		what: 'no entry counts, as in a device from the factory: the running app confirms itself, is told so, and nothing changes',
		source: 'ESP-IDF components/app_update/esp_ota_ops.c, esp_ota_current_ota_is_workable',
	},
	{
		name: 'confirms-the-other',
		classes: ['unconfirmed-kept', 'confirmed-lost', 'update-not-taken', 'api-refuses', 'counter-too-high'],
		when: 'confirm-astray',
		what: 'the running app confirms itself while the entry that counts names the other one, asked for or not passing: that one is marked, and runs for good, untried',
		source: 'ESP-IDF components/app_update/esp_ota_ops.c, esp_ota_current_ota_is_workable',
	},
	{
		name: 'rewritten-entry',
		classes: ['update-not-taken', 'confirmed-lost'],
		leastCuts: 1,
		shows: (remains) => !hasUnreadableEntry(remains) && entriesOf(remains).some(({ isIntact }) => !isIntact),
		what: 'an entry is erased before it is written: power in between loses the update, or gives the app before back',
		source: 'ESP-IDF components/app_update/esp_ota_ops.c, rewrite_ota_seq; bootloader_support/src/bootloader_utility.c, write_otadata',
	},
];
