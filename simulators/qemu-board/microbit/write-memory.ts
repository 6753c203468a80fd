import { connect } from 'node:net';

const PIECE_BYTES = 1024;
const WITHIN_MS = 10_000;

/**
 * Writes to a machine's memory from address 0 on through QEMU's gdb stub (GDB Remote Serial Protocol, packet `M`), flash included. It is never detached
 * from: that would let the processor run. Rejects where the stub refuses or does not answer.
 */
export const writeMemory = (path: string, memory: Uint8Array): Promise<void> =>
	new Promise((resolve, reject) => {
		const socket = connect(path);
		let left = Math.ceil(memory.length / PIECE_BYTES);
		let heard = '';
		const fail = (why: string): void => {
			socket.destroy();
			reject(new Error(`QEMU's gdb stub: ${why}`));
		};
		socket.setTimeout(WITHIN_MS, () => fail(`${left} answers were expected within ${WITHIN_MS} ms`));
		socket.on('error', (error) => fail(error.message));
		socket.setEncoding('latin1').on('data', (text: string) => {
			heard += text;
			for (let packet = /\$([^#]*)#../.exec(heard); packet !== null; packet = /\$([^#]*)#../.exec(heard)) {
				heard = heard.slice(packet.index + packet[0].length);
				if (packet[1] !== 'OK') return fail(`OK was expected, got ${JSON.stringify(packet[1])}`);
				socket.write('+');
				left--;
			}
			if (left > 0) return;
			socket.setTimeout(0).destroy();
			resolve();
		});
		for (let at = 0; at < memory.length; at += PIECE_BYTES) socket.write(encodePacket(at, memory.subarray(at, at + PIECE_BYTES)));
	});

/** Address, length and bytes in hex, between `$` and `#`; then the sum of the characters between, modulo 256. */
export const encodePacket = (address: number, bytes: Uint8Array): string => {
	const body = `M${address.toString(16)},${bytes.length.toString(16)}:${Buffer.from(bytes).toString('hex')}`;
	const sum = [...body].reduce((total, character) => (total + character.charCodeAt(0)) & 0xff, 0);
	return `$${body}#${sum.toString(16).padStart(2, '0')}`;
};
