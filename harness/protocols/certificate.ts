/**
 * A certificate as the device model has it: the fields of RFC 5280 that decide whether a connection comes about, by their
 * names there, and no encoding. In virtual time nothing real could be verified: its keys would need chance, and its times
 * are not now.
 */
export interface Certificate {
	readonly serialNumber: number;
	/** Whom it names: a thing, or the service. */
	readonly subject: string;
	/** Inclusive both, milliseconds since the epoch (RFC 5280, 4.1.2.5). */
	readonly notBefore: number;
	readonly notAfter: number;
}

/** What is wrong with its time, as the one whose clock says `epochMs` sees it. */
export const validityProblem = ({ notBefore, notAfter }: Certificate, epochMs: number): 'not yet valid' | 'expired' | undefined =>
	epochMs < notBefore ? 'not yet valid' : epochMs > notAfter ? 'expired' : undefined;

/** Where a device asks for its next certificate, and where it gets it. */
export const certificateRequestTopic = (thing: string): string => `blackstart/things/${thing}/certificate/request`;
export const certificateTopic = (thing: string): string => `blackstart/things/${thing}/certificate/issued`;

export const encodeCertificate = (certificate: Certificate): string => JSON.stringify(certificate);

/** Reads what encodeCertificate wrote, from a message or from settings; undefined where it is no certificate. */
export const parseCertificate = (text: string): Certificate | undefined => {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		// Not JSON: no certificate.
		return undefined;
	}
	if (typeof value !== 'object' || value === null) return undefined;
	const { serialNumber, subject, notBefore, notAfter } = value as Readonly<Record<string, unknown>>;
	if (typeof subject !== 'string') return undefined;
	if (!Number.isSafeInteger(serialNumber) || !Number.isSafeInteger(notBefore) || !Number.isSafeInteger(notAfter)) return undefined;
	return { serialNumber: serialNumber as number, subject, notBefore: notBefore as number, notAfter: notAfter as number };
};
