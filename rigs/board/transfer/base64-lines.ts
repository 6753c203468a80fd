import { BoardError } from '../board-error.js';
import type { TransferOptions } from './transfer-options.js';

/** Of a line: RFC 2045 has 76 characters at most. */
const LINE_BYTES = 57;
const END_OF_INPUT = '\x04';

/**
 * An image as lines of base64 into a program that reads its input, such as `base64 -d > FILE` of a shell, ended by Ctrl-D. A board that
 * echoes is held to each line, which cannot be taken back: one that comes back otherwise ends the transfer.
 */
export const sendBase64Lines = async (
	image: Uint8Array,
	{ console, board, withinMs, signal, onProgress, echo, lineEnd }: TransferOptions & { readonly echo: boolean; readonly lineEnd: string },
): Promise<void> => {
	const lines = Math.ceil(image.length / LINE_BYTES);
	for (let line = 0; line < lines; line++) {
		signal?.throwIfAborted();
		const text = Buffer.from(image.subarray(line * LINE_BYTES, (line + 1) * LINE_BYTES)).toString('base64');
		const from = console.mark();
		await console.send(text + lineEnd);
		if (echo) {
			const { text: heard } = await console.expect(/[^\r\n]+\r?\n/, { withinMs, from, ...(signal ? { signal } : {}) });
			if (heard.trim() !== text)
				throw new BoardError('transfer', `board ${board}: line ${line + 1} of ${lines}: its echo was expected, came ${JSON.stringify(heard.trim())}`);
		}
		onProgress?.((line + 1) / lines);
	}
	await console.send(END_OF_INPUT);
};
