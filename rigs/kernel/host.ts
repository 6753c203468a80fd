import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** Boots the guest and plays what is plugged into it: `host.js WORK TREE INITRD FOLDER WITHIN_MS`. Ends with the guest's own counts. */
const [work = '', tree = '', initrd = '', folder = '', withinMs = ''] = process.argv.slice(2);

const USB_SERIAL = { driver: 'usb-serial', id: 'adapter', bus: 'usb.0', chardev: 'adapter', serial: 'BLACK1', 'always-plugged': true };

const COUNTS = /^\d+ passed, \d+ failed$/;

const socketAt = (name: string): string => join(folder, `${name}.sock`);

const boot = (): ChildProcess => {
	const chardev = (id: string): readonly string[] => ['-chardev', `socket,id=${id},path=${socketAt(id)},server=on,wait=off`];
	const words = [
		...['-accel', 'tcg', '-cpu', 'max', '-M', 'q35', '-m', '1024', '-smp', '2', '-nodefaults', '-no-reboot', '-display', 'none'],
		...['-kernel', join(work, 'vmlinuz'), '-initrd', initrd],
		...['-append', `console=ttyS0 quiet panic=-1 blackstart.tree=${tree} blackstart.work=${work}`],
		...['-fsdev', 'local,id=host,path=/,security_model=none,readonly=on,multidevs=remap', '-device', 'virtio-9p-pci,fsdev=host,mount_tag=host'],
		...['-serial', 'stdio', ...chardev('uart'), '-serial', 'chardev:uart'],
		...['-device', 'qemu-xhci,id=usb', ...chardev('adapter'), '-device', JSON.stringify(USB_SERIAL)],
		...['-qmp', `unix:${socketAt('qmp')},server=on,wait=off`],
	];
	return spawn('qemu-system-x86_64', words, { stdio: ['ignore', 'pipe', 'inherit'] });
};

const dial = async (name: string): Promise<Socket> => {
	for (let attempt = 0; attempt < 200; attempt++) {
		const socket = connect(socketAt(name));
		try {
			await once(socket, 'connect');
			return socket;
		} catch {
			await sleep(50);
		}
	}
	throw new Error(`QEMU does not open its socket ${name}`);
};

/** A board with a command line: gives back what it is sent, and answers `ping`. */
const playBoard = (socket: Socket): void => {
	let line = '';
	socket.on('error', () => undefined);
	socket.on('data', (bytes) => {
		socket.write(bytes);
		for (const character of bytes.toString('latin1')) {
			if (character === '\x15') line = '';
			else if (character !== '\r') line += character;
			else {
				socket.write(line === 'ping' ? '\npong\r\n> ' : `\n? ${line}\r\n> `);
				line = '';
			}
		}
	});
};

const qemu = boot();
const timer = setTimeout(() => {
	process.stdout.write(`not ok - the guest did not end in ${withinMs} ms\n0 passed, 1 failed\n`);
	qemu.kill('SIGKILL');
}, Number(withinMs));
const [uart, adapter, qmp] = await Promise.all(['uart', 'adapter', 'qmp'].map(dial));
for (const socket of [uart, adapter]) if (socket !== undefined) playBoard(socket);
// QEMU ends with it open.
qmp?.on('error', () => undefined).resume();
const tell = (execute: string, parameters: object = {}): void => void qmp?.write(`${JSON.stringify({ execute, arguments: parameters })}\n`);
tell('qmp_capabilities');

if (qemu.stdout !== null) {
	createInterface({ input: qemu.stdout }).on('line', (line) => {
		const text = line.replaceAll('\r', '');
		if (text === 'ORDER unplug') tell('device_del', { id: USB_SERIAL.id });
		else if (text === 'ORDER plug') tell('device_add', USB_SERIAL);
		else if (text === 'ORDER say-hello') adapter?.write('hello again\r\n> ');
		process.stdout.write(`${text}\n`);
		// The counts are the guest's last word. How long its kernel then takes to power off is nobody's question.
		if (COUNTS.test(text)) tell('quit');
	});
}
await once(qemu, 'close');
clearTimeout(timer);
for (const socket of [uart, adapter, qmp]) socket?.destroy();
