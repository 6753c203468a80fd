import { BoardError } from '../board-error.js';
import { crc16 } from './crc16.js';
import type { TransferOptions } from './transfer-options.js';

/**
 * An image as lines of a console, one a page, each answered before the next: `:PPPP`, the page's bytes in hex, and the
 * CRC-16/XMODEM over the page's number (big endian) and its bytes. `+PPPP`: written and read back; `-PPPP crc` and `-???? line`:
 * it came garbled.
 */
const PAGE_BYTES = 128;
const MOST_ATTEMPTS = 5;

/** Rejects with a BoardError `transfer` that names the page, and as the console does. */
export const sendPages = async (image: Uint8Array, { console, ...options }: TransferOptions): Promise<void> => {
	const pages = Math.ceil(image.length / PAGE_BYTES);
	for (let page = 0; page < pages; page++) {
		const bytes = new Uint8Array(PAGE_BYTES).fill(0xff);
		bytes.set(image.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
		await sendPage(page, { bytes, console, ...options });
		options.onProgress?.((page + 1) / pages);
	}
};

const sendPage = async (page: number, { bytes, console, withinMs, signal, board }: TransferOptions & { readonly bytes: Uint8Array }): Promise<void> => {
	const number = page.toString(16).padStart(4, '0');
	const line = encodePage(page, bytes);
	for (let attempt = 1; ; attempt++) {
		const from = console.mark();
		await console.send(`${line}\r`);
		const { index, text } = await console.expect([new RegExp(`^\\+${number}\\r?$`, 'mi'), /^-(\S+ \S+?)\r?$/m], {
			withinMs,
			from,
			...(signal ? { signal } : {}),
		});
		if (index === 0) return;
		const isGarbled = /crc|line/.test(text);
		if (!isGarbled || attempt === MOST_ATTEMPTS)
			throw new BoardError('transfer', `board ${board}: page ${page}: '+${number}' was expected, got ${JSON.stringify(text.trim())} (attempt ${attempt})`);
	}
};

const encodePage = (page: number, bytes: Uint8Array): string => {
	const head = Uint8Array.of(page >> 8, page & 0xff);
	const crc = crc16(Buffer.concat([head, bytes]));
	return `:${Buffer.from(head).toString('hex')}${Buffer.from(bytes).toString('hex')}${crc.toString(16).padStart(4, '0')}`;
};
