/**
 * What a console can fail with:
 *
 * | code | meaning |
 * |---|---|
 * | `timeout` | what was waited for did not come |
 * | `echo` | the board never gave a command back as it was sent |
 * | `panic` | the board said that it crashed |
 * | `reboot` | the board's boot banner came where no boot was asked for |
 * | `absent` | the port is not there, or cannot be opened |
 * | `locked` | another process owns the port |
 * | `out-of-reach` | bytes that were asked for are no longer kept in memory |
 * | `record` | the console's file cannot be written |
 * | `modem-lines` | DTR, RTS or HUPCL could not be set |
 * | `aborted` | the wait was called off |
 * | `closed` | the console was closed |
 */
export const CONSOLE_ERROR_CODES = [
	'timeout',
	'echo',
	'panic',
	'reboot',
	'absent',
	'locked',
	'out-of-reach',
	'record',
	'modem-lines',
	'aborted',
	'closed',
] as const;

export type ConsoleErrorCode = (typeof CONSOLE_ERROR_CODES)[number];

const PORT_CODES: readonly ConsoleErrorCode[] = ['absent', 'locked', 'record', 'modem-lines'];

export class ConsoleError extends Error {
	override readonly name = 'ConsoleError';
	readonly code: ConsoleErrorCode;
	/** Says nothing about what the board does: its port does not work. */
	readonly isRigFault: boolean;

	constructor(code: ConsoleErrorCode, message: string, options?: { readonly cause?: unknown }) {
		super(message, options);
		this.code = code;
		this.isRigFault = PORT_CODES.includes(code);
	}
}
