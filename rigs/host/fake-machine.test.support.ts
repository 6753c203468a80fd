import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { createRigHost, type RigHost, type RigHostOptions } from './index.js';

/** A machine as the kernel shows it, in a folder of its own: what a test writes there is all there is. */
export const makeMachine = (t: ExecutionContext) => {
	const root = mkdtempSync(join(tmpdir(), 'blackstart-machine-'));
	t.teardown(() => rmSync(root, { recursive: true, force: true }));
	const write = (path: string, text = '', mode = 0o644): void => {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), text, { mode });
	};
	const link = (path: string, target: string): void => {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		symlinkSync(target, join(root, path));
	};
	return {
		root,
		write,
		link,
		/** What a program says, by the words of its command line; all others are not installed. */
		look: (programs: Readonly<Record<string, string>> = {}, options: RigHostOptions = {}): RigHost =>
			createRigHost({
				root,
				environment: { XDG_RUNTIME_DIR: root, XDG_STATE_HOME: root, TMPDIR: '/tmp' },
				run: async (program, args) => {
					const stdout = programs[[program, ...args].join(' ')];
					return stdout === undefined ? undefined : { exitCode: 0, stdout, stderr: '' };
				},
				...options,
			}),
	};
};

const PCI = 'sys/devices/pci0000:00/0000:00:14.0/usb1/1-1';

export interface FakeAdapter {
	readonly name: string;
	/** `1-1.2` */
	readonly usbPath: string;
	readonly iface?: number;
	readonly port?: number;
	readonly serial?: string;
	readonly latencyMs?: number;
	readonly mode?: number;
}

/** Plugs in a USB serial adapter, laid out as ftdi_sio and its like are (ttyUSB), or as cdc_acm is (ttyACM). */
export const plugIn = ({ write, link }: ReturnType<typeof makeMachine>, adapter: FakeAdapter): void => {
	const { name, usbPath, iface = 0, port = 0, serial, latencyMs, mode = 0o660 } = adapter;
	const device = `${PCI}/${usbPath}`;
	const interfaceFolder = `${device}/${usbPath}:1.${iface}`;
	write(`${device}/idVendor`, '0403\n');
	write(`${device}/idProduct`, '6001\n');
	write(`${device}/manufacturer`, 'FTDI\n');
	write(`${device}/product`, 'FT232R USB UART\n');
	if (serial !== undefined) write(`${device}/serial`, `${serial}\n`);
	write(`${interfaceFolder}/bInterfaceNumber`, `${iface.toString(16).padStart(2, '0')}\n`);
	const isAcm = name.startsWith('ttyACM');
	const portFolder = isAcm ? interfaceFolder : `${interfaceFolder}/${name}`;
	link(`${portFolder}/driver`, `/sys/bus/usb/drivers/${isAcm ? 'cdc_acm' : 'ftdi_sio'}`);
	if (!isAcm) write(`${portFolder}/port_number`, `${port}\n`);
	if (latencyMs !== undefined) write(`${portFolder}/latency_timer`, `${latencyMs}\n`);
	write(`${portFolder}/tty/${name}/dev`, '188:0\n');
	link(`${portFolder}/tty/${name}/device`, `../../../${isAcm ? `${usbPath}:1.${iface}` : name}`);
	link(`sys/class/tty/${name}`, `../../../${portFolder}/tty/${name}`);
	write(`dev/${name}`, '', mode);
	link(`dev/serial/by-path/pci-usb-${usbPath}:1.${iface}-port${port}`, `../../${name}`);
};
