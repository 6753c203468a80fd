import type { BoardType } from '../../rig-file/index.js';
import { BoardError } from '../board-error.js';
import { type Conversation, LINE_ENDS, promptStart } from '../conversation.js';
import { sendBase64Lines } from './base64-lines.js';
import { sendPages } from './page-lines.js';
import type { TransferOptions } from './transfer-options.js';
import { sendXmodem } from './xmodem.js';

/** Whether boards of a type take an update over their console. */
export const takesImages = ({ commands, serialUpdate }: Pick<BoardType, 'commands' | 'serialUpdate'>): boolean =>
	serialUpdate !== undefined && commands.update !== undefined;

/** Brings an image to a board over its console: by the command its type has for an update, in the way its type says. */
export const sendImage = async (
	image: Uint8Array,
	{ type, talk, ...options }: TransferOptions & { readonly type: BoardType; readonly talk: Conversation },
): Promise<void> => {
	const { commands, serialUpdate: how, console: syntax } = type;
	const { console, withinMs, signal, board } = options;
	const waiting = { withinMs, ...(signal ? { signal } : {}) };
	if (commands.update === undefined || how === undefined)
		throw new BoardError('lacks', `board ${board}: no update over its console (serialUpdate, and commands: { update })`);
	// Its answer opens the session, which the prompt ends only after the last byte.
	if (commands.update.answer) await talk.ask(commands.update, { withinMs, signal, ends: false });
	else await console.command(commands.update.send, waiting);
	await transferImage(image, { ...options, type, how });
	if (how === 'pages') await console.send('end\r');
	// Behind what the transfer read last.
	await console.expect(syntax.done ?? promptStart(syntax.prompt), waiting);
};

/** The image alone, to a board that waits for it: in an update, or in its recovery. */
export const transferImage = async (
	image: Uint8Array,
	{ how, type: { console: syntax }, ...options }: TransferOptions & { readonly type: BoardType; readonly how: NonNullable<BoardType['serialUpdate']> },
): Promise<void> => {
	switch (how) {
		case 'pages':
			return await sendPages(image, options);
		case 'xmodem':
		case 'ymodem':
			return await sendXmodem(image, { ...options, how });
		case 'base64-lines':
			return await sendBase64Lines(image, { ...options, echo: syntax.echo, lineEnd: LINE_ENDS[syntax.newline] });
	}
};
