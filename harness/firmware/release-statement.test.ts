import test from 'ava';
import { createSigningKey } from './key.js';
import { encodeStatement, readStatement, type ReleaseStatement } from './release-statement.js';

const [signer, other] = [1, 2].map((seed) => createSigningKey(new Uint8Array(32).fill(seed))) as [
	ReturnType<typeof createSigningKey>,
	ReturnType<typeof createSigningKey>,
];
const KEYS = [other.verifyingKey, signer.verifyingKey];
const STATEMENT: ReleaseStatement = { hardware: 'sensor-r1', version: '2.0.0', digest: 'ab'.repeat(32), expiresS: 1_700_000_000 };
const DOCUMENT = encodeStatement(STATEMENT, signer);

test('a statement that a key of the device signed is read back whole, with its expiry or without', (t) => {
	t.deepEqual(readStatement(DOCUMENT, KEYS), STATEMENT);
	const { expiresS: _, ...lasting } = STATEMENT;
	t.deepEqual(readStatement(encodeStatement(lasting, signer), KEYS), lasting);
});

const without = (name: string): string => JSON.stringify({ ...JSON.parse(DOCUMENT), [name]: undefined });

const REFUSED: Readonly<Record<string, readonly [document: string, why: string]>> = {
	'its expiry moved': [DOCUMENT.replace('1700000000', '1900000000'), 'its signature does not match'],
	'its expiry taken away': [without('expires'), 'its signature does not match'],
	'another image': [DOCUMENT.replace('abab', 'abac'), 'its signature does not match'],
	'another hardware': [DOCUMENT.replace('sensor-r1', 'sensor-r2'), 'its signature does not match'],
	'a stranger for its signer': [encodeStatement(STATEMENT, createSigningKey(new Uint8Array(32).fill(9))), 'it is signed by none of the keys'],
	'a signer named that did not sign it': [
		DOCUMENT.replace(JSON.parse(DOCUMENT).signedBy, JSON.parse(encodeStatement(STATEMENT, other)).signedBy),
		'its signature does not match',
	],
	'no signature': [without('signature'), 'a signed document of hardware, version, digest and expires was expected'],
	'an expiry that is no number': [DOCUMENT.replace('1700000000', '"soon"'), 'a signed document of hardware, version, digest and expires was expected'],
	'no JSON': ['<html>', 'a signed document of hardware, version, digest and expires was expected'],
	null: ['null', 'a signed document of hardware, version, digest and expires was expected'],
};

for (const [what, [document, why]] of Object.entries(REFUSED)) {
	test(`a statement is not believed with ${what}`, (t) => {
		t.not(document, DOCUMENT);
		t.is(readStatement(document, KEYS), why);
	});
}
