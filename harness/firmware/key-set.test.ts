import test from 'ava';
import { createSigningKey, type SigningKey } from './key.js';
import { encodeKeySet, followKeySets, type KeySet } from './key-set.js';

const keyOf = (seed: number): SigningKey => createSigningKey(new Uint8Array(32).fill(seed));
const [first, second, third, stranger] = [keyOf(1), keyOf(2), keyOf(3), keyOf(9)];
const setOf = (version: number, ...keys: readonly SigningKey[]): KeySet => ({ version, keys: keys.map(({ verifyingKey }) => verifyingKey) });
const FACTORY = setOf(1, first);
const SECOND = encodeKeySet(setOf(2, second), first);
const THIRD = encodeKeySet(setOf(3, third, second), second);

test('a device that missed two rotations follows both, and trusts what the last one names alone', (t) => {
	const { keySet, objection } = followKeySets(FACTORY, [SECOND, THIRD]);
	t.is(objection, undefined);
	t.is(keySet.version, 3);
	t.deepEqual(
		keySet.keys.map(({ keyHash }) => keyHash),
		[third, second].map(({ verifyingKey }) => verifyingKey.keyHash),
	);
});

test('sets that were followed before are passed over', (t) => {
	const { keySet } = followKeySets(FACTORY, [SECOND]);
	t.is(followKeySets(keySet, [SECOND]).keySet, keySet);
	t.is(followKeySets(keySet, [SECOND, THIRD]).keySet.version, 3);
});

const REFUSED: readonly (readonly [name: string, documents: readonly string[], at: number, why: RegExp])[] = [
	['a set that a stranger signed', [encodeKeySet(setOf(2, stranger), stranger)], 1, /signed by a key that is not of set 1/],
	['a set that a revoked key signed', [SECOND, encodeKeySet(setOf(3, first), first)], 2, /signed by a key that is not of set 2/],
	['a set with one missing before it', [THIRD], 1, /set 2 was expected after 1/],
	['a set whose keys were changed', [SECOND.replace(/"keys":\["[^"]+"/, `"keys":["${JSON.parse(THIRD).keys[0]}"`)], 1, /signature does not match/],
	['what is no set', ['[]'], 1, /a document of one was expected/],
	['what is no JSON', ['<html>'], 1, /a document of one was expected/],
];

for (const [name, documents, at, why] of REFUSED) {
	test(`${name} is not followed`, (t) => {
		const { keySet, objection } = followKeySets(FACTORY, documents);
		t.is(keySet.version, at);
		t.regex(objection ?? '', why);
	});
}
