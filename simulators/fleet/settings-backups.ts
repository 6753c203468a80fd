import { createHash } from 'node:crypto';
import type { BackupAnswer } from '../../harness/campaign/index.js';
import { Flash, PageStore } from '../../harness/flash/index.js';
import type { Device } from '../device/index.js';

type Settings = Readonly<Record<string, string>>;

interface Backup {
	readonly settings: Settings;
	readonly schema: number;
	readonly digest: string;
}

/** Copies of devices' settings and credentials, taken over the network, and tried on a staging device of the same hardware. */
export class SettingsBackups {
	readonly #backups = new Map<string, Backup>();

	take(id: string, device: Device | undefined): BackupAnswer {
		if (device === undefined || device.running === null || device.state !== 'idle')
			return { problem: `it cannot be reached, it is ${device?.state ?? 'unknown'}` };
		const schema = device.settings.schemas().at(-1);
		const settings = schema === undefined ? 'unreadable' : device.settings.read(schema);
		if (schema === undefined || settings === 'unreadable') return { problem: 'its settings are unreadable' };
		const digest = digestOf(settings);
		this.#backups.set(id, { settings, schema, digest });
		return { digest };
	}

	/** Writes the backup into the flash of a new device and reads it there; its credentials must be the device's. */
	tryRestore(id: string, device: Device | undefined): BackupAnswer {
		const backup = this.#backups.get(id);
		if (backup === undefined || device === undefined) return { problem: 'there is no backup' };
		const { profile, parts, password } = device;
		const flash = new Flash({ geometry: profile.flash, store: new PageStore({ pageSizeBytes: STAGING_PAGE_BYTES }) });
		const staging = parts.createSettings({ flash, areas: profile.layout.settings });
		staging.write(backup.settings, backup.schema);
		const restored = staging.read(backup.schema);
		if (restored === 'unreadable' || digestOf(restored) !== backup.digest) return { problem: 'what was restored is not what was backed up' };
		return restored.password === password ? { digest: backup.digest } : { problem: 'the restored credentials are not those of the device' };
	}
}

const STAGING_PAGE_BYTES = 1024;

const digestOf = (settings: Settings): string =>
	createHash('sha256')
		.update(JSON.stringify(Object.entries(settings).sort(([left], [right]) => (left < right ? -1 : 1))))
		.digest('hex');
