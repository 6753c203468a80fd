import { X509Certificate } from 'node:crypto';
import test from 'ava';
import { createAuthority, issueIdentity } from './certificate.js';

const DAY_MS = 86_400_000;
const validity = { fromEpochMs: Date.UTC(2026, 0, 2, 3, 4, 5), untilEpochMs: Date.UTC(2026, 0, 2, 3, 4, 5) + 400 * DAY_MS };

test('an authority signs itself and what it issues, and says so in X.509', (t) => {
	const authority = createAuthority('bench root', validity);
	const root = new X509Certificate(authority.certificate);
	t.true(root.ca);
	t.is(root.subject, 'CN=bench root');
	t.true(root.verify(root.publicKey));
	const server = new X509Certificate(issueIdentity(authority, { ...validity, name: 'service', hosts: ['localhost', '127.0.0.1'] }).certificate);
	t.true(server.checkIssued(root));
	t.true(server.verify(root.publicKey));
	t.false(server.ca);
	t.is(server.checkHost('localhost'), 'localhost');
	t.is(server.checkIP('127.0.0.1'), '127.0.0.1');
	t.is(server.checkHost('elsewhere'), undefined);
	t.is(Date.parse(server.validFrom), validity.fromEpochMs);
	t.is(Date.parse(server.validTo), validity.untilEpochMs);
});

test('a certificate of one authority is none of another of the same name', (t) => {
	const [one, other] = [createAuthority('root', validity), createAuthority('root', validity)];
	const issued = issueIdentity(one, { ...validity, name: 't1' });
	const certificate = new X509Certificate(issued.certificate);
	t.true(certificate.verify(new X509Certificate(one.certificate).publicKey));
	t.false(certificate.verify(new X509Certificate(other.certificate).publicKey));
	t.not(certificate.serialNumber, new X509Certificate(issueIdentity(one, { ...validity, name: 't1' }).certificate).serialNumber);
});
