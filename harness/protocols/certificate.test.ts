import test from 'ava';
import { encodeCertificate, parseCertificate, validityProblem } from './certificate.js';

const CERTIFICATE = { serialNumber: 7, subject: 'device-1', notBefore: 1_000, notAfter: 2_000 };

test('a certificate is valid from its first instant to its last, both included', (t) => {
	const at = (epochMs: number) => validityProblem(CERTIFICATE, epochMs);
	t.deepEqual([999, 1_000, 2_000, 2_001].map(at), ['not yet valid', undefined, undefined, 'expired']);
});

test('a certificate is read as it was written, and what is none is not read', (t) => {
	t.deepEqual(parseCertificate(encodeCertificate(CERTIFICATE)), CERTIFICATE);
	for (const text of [
		'',
		'null',
		'[]',
		'{}',
		encodeCertificate({ ...CERTIFICATE, notAfter: Number.NaN }),
		encodeCertificate({ ...CERTIFICATE, subject: 5 as never }),
	])
		t.is(parseCertificate(text), undefined, text);
});
