import { basename, dirname, join, resolve } from 'node:path';
import type { RigHost } from './rig-host.js';

/** A serial port that has hardware behind it, by what the kernel says of it. */
export interface SerialPortFacts {
	/** `/dev/ttyUSB0`: may be another the next time. */
	readonly path: string;
	/** Names of it that stay: below /dev/serial. */
	readonly stablePaths: readonly string[];
	/** Kernel module that drives it. */
	readonly driver: string | undefined;
	/** Undefined where it is not on USB. */
	readonly usb: UsbIdentity | undefined;
	/** Of FTDI adapters: how long bytes wait for company. */
	readonly latencyMs: number | undefined;
	/** The kernel writes to it, so no board can. */
	readonly isKernelConsole: boolean;
}

export interface UsbIdentity {
	/** Bus and ports that lead to it, `1-1.2`. */
	readonly usbPath: string;
	readonly iface: number;
	/** Index of the port on its interface. */
	readonly port: number;
	/** Four hex digits each. */
	readonly vendor: string;
	readonly product: string;
	readonly serial: string | undefined;
	readonly name: string | undefined;
}

/** Every serial port of the machine but pseudo terminals and consoles of the kernel, by sysfs alone. */
export const listSerialPorts = (host: RigHost): readonly SerialPortFacts[] => {
	const stable = listStablePaths(host);
	const consoles = host.readText('sys/class/tty/console/active')?.split(' ') ?? [];
	return host.list('sys/class/tty').flatMap((name) => {
		const device = host.resolveLinks(`sys/class/tty/${name}/device`);
		// Without a device it is a virtual one; a type of 0 is a slot of a UART that is not there.
		if (device === undefined || host.readText(`sys/class/tty/${name}/type`) === '0') return [];
		const path = `/dev/${name}`;
		const usb = identifyUsb(host, device);
		const driver = host.readLink(join(device, 'driver'));
		const latency = host.readText(join(device, 'latency_timer'));
		return [
			{
				path,
				stablePaths: stable.filter(([, target]) => target === path).map(([link]) => link),
				driver: driver === undefined ? undefined : basename(driver),
				usb,
				latencyMs: latency === undefined ? undefined : Number(latency),
				isKernelConsole: consoles.includes(name),
			},
		];
	});
};

/** The interface is the nearest folder above with a number, the device the one above that. */
const identifyUsb = (host: RigHost, device: string): UsbIdentity | undefined => {
	for (let folder = device; folder !== '/'; folder = dirname(folder)) {
		const iface = host.readText(join(folder, 'bInterfaceNumber'));
		if (iface === undefined) continue;
		const parent = dirname(folder);
		return {
			usbPath: basename(parent),
			iface: Number.parseInt(iface, 16),
			port: Number(host.readText(join(device, 'port_number')) ?? 0),
			vendor: host.readText(join(parent, 'idVendor')) ?? '',
			product: host.readText(join(parent, 'idProduct')) ?? '',
			serial: host.readText(join(parent, 'serial')),
			name: [host.readText(join(parent, 'manufacturer')), host.readText(join(parent, 'product'))].filter((word) => word !== undefined).join(' ') || undefined,
		};
	}
	return undefined;
};

const listStablePaths = (host: RigHost): readonly (readonly [link: string, target: string])[] =>
	['by-path', 'by-id'].flatMap((kind) =>
		host.list(`dev/serial/${kind}`).flatMap((name) => {
			const link = `/dev/serial/${kind}/${name}`;
			const target = host.readLink(link);
			return target === undefined ? [] : [[link, resolve(dirname(link), target)] as const];
		}),
	);
