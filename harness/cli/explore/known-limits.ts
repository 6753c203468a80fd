import type { BootloaderName } from '../../../simulators/bootloader/index.js';
import type { KnownLimit } from '../../explorer/index.js';

const TORN_REQUEST: KnownLimit = {
	name: 'torn-request',
	classes: ['api-refuses'],
	detail: /record-damaged/,
	leastCuts: 1,
	level: 'L1',
	what: 'a request that power tore is answered with an error and an erased slot',
	source: 'MCUboot boot/bootutil/src/bootutil_public.c, boot_set_next',
};

/** What the real bootloaders break too; simulators/bootloader/README.md has the table, with more that no walk can see. */
export const KNOWN_LIMITS: Readonly<Partial<Record<BootloaderName, readonly KnownLimit[]>>> = {
	'mcuboot-swap-move': [TORN_REQUEST],
	'mcuboot-swap-scratch': [
		TORN_REQUEST,
		{
			name: 'half-erased-scratch',
			classes: ['never-boots', 'trap'],
			detail: /protectedTlvInfo|SHA256|the TLVs of the primary/,
			leastCuts: 1,
			level: 'L1',
			what: 'an erase that leaves the end of the scratch area leaves its trailer: a region that is half gone is copied into the primary slot',
			source: 'MCUboot boot/bootutil/src/swap_scratch.c, boot_status_tables',
		},
	],
	'mcuboot-overwrite': [TORN_REQUEST],
	'mcuboot-swap-offset': [
		TORN_REQUEST,
		{
			name: 'rewritten-on-trial',
			classes: ['never-boots', 'old-image-lost'],
			when: 'touched',
			what: 'the application writes another update while its own image is on trial: the revert takes it for the old image and copies it from the wrong sector',
			source: 'MCUboot boot/bootutil/src/swap_offset.c, boot_read_image_header: check_other_sector',
		},
		{
			name: 'restarted-revert',
			classes: ['trap'],
			detail: /the TLVs of the primary slot's image can be read/,
			leastCuts: 2,
			what: 'two power losses in a revert begin it anew over what it has moved already',
			source: 'MCUboot boot/bootutil/src/swap_offset.c, boot_read_image_header: comparisons with last_idx',
		},
	],
	'esp-otadata': [
		{
			name: 'nothing-to-confirm',
			classes: ['api-refuses'],
			detail: /^confirm: no-record/,
			what: 'the app from the factory confirms itself, and no entry counts: it is told so, and nothing changes',
			source: 'ESP-IDF components/app_update/esp_ota_ops.c, esp_ota_current_ota_is_workable',
		},
		{
			name: 'confirms-the-other',
			classes: ['unconfirmed-kept', 'confirmed-lost', 'update-not-taken', 'api-refuses'],
			when: 'confirm-astray',
			what: 'the running app confirms itself while the entry that counts names the other one, asked for or not passing: that one is marked, and runs for good, untried',
			source: 'ESP-IDF components/app_update/esp_ota_ops.c, esp_ota_current_ota_is_workable',
		},
		{
			name: 'rewritten-entry',
			classes: ['update-not-taken', 'confirmed-lost'],
			leastCuts: 1,
			what: 'an entry is erased before it is written: power in between loses the update, or gives the app before back',
			source: 'ESP-IDF components/app_update/esp_ota_ops.c, rewrite_ota_seq; bootloader_support/src/bootloader_utility.c, write_otadata',
		},
	],
};
