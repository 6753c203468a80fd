import type { Exhibit } from '../exhibit.js';
import { settingsStores } from '../parts/index.js';

/** What loses a configuration, or leaves it lying about. */
export const SETTINGS: readonly Exhibit[] = [
	{
		name: 'settings-in-one-sector',
		bug: 'settings are erased and then written again',
		incident: 'UBI on S29GL512N (linux-mtd 2009), filex#93: power goes between an erase and what was to follow it',
		story: 'power-lost-late-in-a-migration',
		invariant: 'settings',
		parts: { device: { createSettings: settingsStores.createOneSectorStore } },
	},
	{
		name: 'migration-drops-the-old-schema',
		bug: 'a new image migrates the settings and drops the ones that the old image reads, before it has been confirmed',
		incident: 'esp-idf#3932: a downgrade is a boot loop; espcontrol#1913',
		story: 'power-lost-late-in-a-migration',
		invariant: 'settings',
		parts: { device: { createSettings: settingsStores.createHastyStore } },
	},
	{
		name: 'new-schema-is-formatted',
		bug: 'a store of another version than the firmware expects is formatted',
		incident: 'esp-idf#7859: NVS of a new version is erased',
		story: 'migrating-update',
		invariant: 'settings',
		parts: { device: { createSettings: settingsStores.createFormattingStore } },
	},
	{
		name: 'new-schema-cuts-values-short',
		bug: 'values that are longer than the new schema has room for are cut off',
		incident: "teleport#4513: a credential, the new CA's key, is lost between two versions",
		story: 'migrating-update',
		invariant: 'settings',
		parts: { device: { createSettings: settingsStores.createTruncatingStore } },
	},
	{
		name: 'settings-with-one-bad-word',
		bug: 'one word that cannot be read makes all settings unreadable',
		incident: 'zephyr PR#103452, RIOT#17874, embassy#4777',
		story: 'power-loss-that-leaves-unreadable-words',
		invariant: 'settings',
		parts: { device: { createSettings: settingsStores.createEccFatalStore } },
	},
	{
		name: 'old-schemas-are-kept',
		bug: 'a store keeps the schemas that nothing reads any more',
		incident: "MCUboot's test secondary_trailer_leftover: what an earlier life left is there for the next",
		story: 'migrating-update',
		invariant: 'tidy',
		parts: { device: { createSettings: settingsStores.createHoardingStore } },
	},
	{
		name: 'schema-of-a-reverted-image-is-kept',
		bug: 'a store keeps what an image wrote that was given up',
		incident: 'Mender: killed in a state with a schema update',
		story: 'migration-that-is-reverted',
		invariant: 'tidy',
		parts: { device: { createSettings: settingsStores.createSouvenirStore } },
	},
];
