/** An answer of QEMU's machine protocol; without an id it is the greeting or an event. */
export interface QmpMessage {
	readonly id: number | undefined;
	readonly value: unknown;
	readonly error: string | undefined;
}

/** Undefined for what is no JSON object. */
export const parseQmp = (line: string): QmpMessage | undefined => {
	let message: unknown;
	try {
		message = JSON.parse(line);
	} catch {
		return undefined;
	}
	if (typeof message !== 'object' || message === null) return undefined;
	const id = 'id' in message && typeof message.id === 'number' ? message.id : undefined;
	if (!('error' in message)) return { id, value: 'return' in message ? message.return : undefined, error: undefined };
	const { error } = message;
	const told = typeof error === 'object' && error !== null && 'desc' in error ? String(error.desc) : JSON.stringify(error);
	return { id, value: undefined, error: told };
};
