import type { RigHost } from './rig-host.js';

export interface UsbHubFacts {
	/** As `uhubctl` and rig files have it: `1-1`, or `1` for the root hub of bus 1. */
	readonly location: string;
	readonly name: string | undefined;
	readonly ports: number;
	/** Whether `uhubctl` says that its ports can be switched one by one; undefined where it is not installed. */
	readonly switches: boolean | undefined;
}

const HUB_CLASS = '09';

export const listUsbHubs = async (host: RigHost): Promise<readonly UsbHubFacts[]> => {
	const folders = host.list('sys/bus/usb/devices').filter((name) => host.readText(`sys/bus/usb/devices/${name}/bDeviceClass`) === HUB_CLASS);
	if (folders.length === 0) return [];
	const listed = await host.run('uhubctl', []);
	const switching = new Set([...(listed?.stdout ?? '').matchAll(/^Current status for hub (\S+) \[.*ppps/gm)].map(([, location]) => location));
	return folders.map((folder) => {
		const location = folder.replace(/^usb/, '');
		const read = (file: string): string | undefined => host.readText(`sys/bus/usb/devices/${folder}/${file}`);
		return { location, name: read('product'), ports: Number(read('maxchild') ?? 0), switches: listed === undefined ? undefined : switching.has(location) };
	});
};

/** The hub and its port that a device is plugged into. */
export const hubPortOf = (usbPath: string): { readonly location: string; readonly port: number } => {
	const [, bus = '', ports = ''] = /^(\d+)-([\d.]+)$/.exec(usbPath) ?? [];
	const steps = ports.split('.');
	const port = Number(steps.pop());
	return { location: steps.length === 0 ? bus : `${bus}-${steps.join('.')}`, port };
};
