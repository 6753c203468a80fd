import { BoardError } from '../board-error.js';
import { crc16 } from './crc16.js';
import type { TransferOptions } from './transfer-options.js';

/**
 * XMODEM and YMODEM (Forsberg, XMODEM/YMODEM Protocol Reference, 1988), the side that sends:
 *
 * | bytes | field |
 * |---|---|
 * | 1 | SOH: 128 bytes of data, STX: 1024 |
 * | 2 | number of the block, from 1, modulo 256; then its complement |
 * | 128 or 1024 | data |
 * | 2 or 1 | CRC-16 high byte first, for a receiver that began with `C`; else the sum of the data, modulo 256 |
 *
 * The receiver answers ACK, NAK (again), or CAN twice (no more). The last block is filled up with 0xff, as erased flash reads; YMODEM's
 * block 0 tells the size.
 */
const SOH = 0x01;
const STX = 0x02;
const EOT = 0x04;
const ACK = '\x06';
const NAK = '\x15';
const CANCEL = '\x18\x18';
const CRC_START = /C$/;
const CAN = Uint8Array.of(0x18, 0x18, 0x18);
const MOST_ATTEMPTS = 10;
const DATA_WITHIN_MS = 300;
const BLOCK_BYTES = { xmodem: 128, ymodem: 1024 } as const;

/** Rejects with a BoardError `transfer` that names the block, and as the console does; the receiver is told that nothing more comes. */
export const sendXmodem = async (image: Uint8Array, { how, ...options }: TransferOptions & { readonly how: 'xmodem' | 'ymodem' }): Promise<void> => {
	const sender = new XmodemSender(options);
	try {
		const withCrc = await sender.awaitStart();
		if (how === 'ymodem') await sender.sendHeader(`image.bin\0${image.length} `);
		const size = BLOCK_BYTES[how];
		const blocks = Math.ceil(image.length / size);
		for (let block = 0; block < blocks; block++) {
			const data = new Uint8Array(size).fill(0xff);
			data.set(image.subarray(block * size, (block + 1) * size));
			await sender.send(encodeBlock(block + 1, { data, withCrc }), `block ${block + 1} of ${blocks}`);
			options.onProgress?.((block + 1) / blocks);
		}
		await sender.send(Uint8Array.of(EOT), 'the end of the image');
		if (how === 'ymodem') await sender.sendHeader('');
	} catch (error) {
		await options.console.send(CAN).catch(() => undefined);
		throw error;
	}
};

export const encodeBlock = (number: number, { data, withCrc }: { readonly data: Uint8Array; readonly withCrc: boolean }): Uint8Array => {
	const crc = crc16(data);
	const check = withCrc ? [crc >> 8, crc & 0xff] : [data.reduce((sum, byte) => (sum + byte) & 0xff, 0)];
	return Uint8Array.of(data.length === 1024 ? STX : SOH, number & 0xff, ~number & 0xff, ...data, ...check);
};

class XmodemSender {
	readonly #options: TransferOptions;

	constructor(options: TransferOptions) {
		this.#options = options;
	}

	/** Resolves with whether the receiver wants a CRC: it asks again and again until a block comes. */
	async awaitStart(withinMs = this.#options.withinMs): Promise<boolean> {
		const { console, signal } = this.#options;
		const { index } = await console.expect([CRC_START, NAK, CANCEL], { withinMs, ...(signal ? { signal } : {}) });
		if (index === 2) throw this.#refused('the start of a transfer');
		return index === 0;
	}

	/** YMODEM's block 0, after which the receiver asks to begin as before; the empty one ends the batch. */
	async sendHeader(text: string): Promise<void> {
		const data = new Uint8Array(128);
		data.set(new TextEncoder().encode(text));
		if (text === '') await this.awaitStart();
		await this.send(encodeBlock(0, { data, withCrc: true }), text === '' ? 'the end of the batch' : 'the name of the image');
		if (text !== '') await this.#awaitData();
	}

	/** U-Boot's `loady` takes data without having asked for it, and asks only after seconds of silence. */
	async #awaitData(): Promise<void> {
		await this.awaitStart(Math.min(DATA_WITHIN_MS, this.#options.withinMs)).catch((error: unknown) => {
			if (Reflect.get(error as Error, 'code') !== 'timeout') throw error;
		});
	}

	async send(bytes: Uint8Array, what: string): Promise<void> {
		const { console, withinMs, signal, board } = this.#options;
		for (let attempt = 1; ; attempt++) {
			const from = console.mark();
			await console.send(bytes);
			const { index } = await console.expect([ACK, NAK, CANCEL], { withinMs, from, ...(signal ? { signal } : {}) });
			if (index === 0) return;
			if (index === 2) throw this.#refused(what);
			if (attempt === MOST_ATTEMPTS)
				throw new BoardError('transfer', `board ${board}: ${what}: an ACK was expected, its receiver answered NAK ${MOST_ATTEMPTS} times`);
		}
	}

	#refused(what: string): BoardError {
		return new BoardError('transfer', `board ${this.#options.board}: ${what}: an ACK was expected, its receiver called the transfer off (CAN CAN)`);
	}
}
