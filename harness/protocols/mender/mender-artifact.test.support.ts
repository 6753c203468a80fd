import { createPublicKey } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/** What Debian's mender-artifact 3.9.0 wrote: `write module-image -T single-file -t board-a -t board-b -n release-9 -f image.txt -k key.pem`. */
export const VECTOR = gunzipSync(
	Buffer.from(
		[
			'H4sIAAAAAAACAytLLSrOzM9joCUwAAIzAwMwbYBJGxgYmyPYIHFDoHJTBgUDBjqA0uKSxCKg9dTwJLLnhgioVkrLL8pNLFGyUspNzUtJLVLSUSqDpAklK+NahlEwvEFuYl5mWmpxyUDm',
			'f2MzA/T8b240mv/pAgzTEk1NjQ0tLAxMzVJMTZKMjAxTU1NSklJSUswTE83TklNMjZNMTNISLZIsUk0MLVNNTI1Sk9KAYqlpxqYpFgoKKYklifogL+tn5iamp+qVVJRwpZobA000MzEz',
			'SwbpNgIaaWhpkZhoZG5obm4ENNLMyNLM0tzUxMzSINHM0MTYwiDVIsXSMsXMyNwg0dRIQSEjNRFYGOkB40YvvYrL0iwpOcXSzNTSxNzUzNLEwMTc0iIpOSklCag3zdDAOCXJNNHAwCQ1',
			'ySzV2MwkOS3Z0Mwo2dDEzMLSIDXR2DRJQQFapnGN5njs+V+vODN9oPK/oTF6/jc0NTAczf/0ABZZfhnm4VWeheF+ld7luRnOEW6W2gEZFYb+SZ4VxkWWuX7FUY5lzpHphoZmkYVuKUEB',
			'IfrlxQEuqVVlhtrBUaX6leVG3ob5hqnGpo5R5vlhPpH+iYHptrajOWtoAJRydoDyv4mRMYOhqTGoHDA1ArKBDBNDEzrn/6L8fLyNIELyQzT/y3dzMDBw5nUw/H8zJTG72UCg7a/mY7u+',
			'W/Om5Z7Zr6QUXlzWaDJRRbjrx333W49Ssm+2JybqnJ/OPbH6/YE976UnJ8z2ujsrRVNAcL6gv+j+8DOfX+pNSJj2VP/2E8Z0qe6P72xustTbvt70N+Q/B3NJSUhbS/MimQPy1m1Mc65U',
			'H83UFj0csbZhzXRd033v1rxcmsB+9EPlypcCs3S01Y6/1O7ZzHdQ9vUCu4YHcWYx89OnbDBOcfXasGtOWUDv45rtJz7N+fve7OHFvEPzIxW46r79v1xiV3t+2wz3//dP/g/XqT/84ZrE',
			'/V0hchnnX0e6rKne5if115RZ6mhKbK3r6j1rv3KE8jRatzuoCP2cXgMMhv//mRnWsiz9zMAzwvI/vPVGwyKAYP1vjpn/Tc1G8z998/+pM74+/le1V2okLpCFdMsMGS+zsbG92NLYuFCx',
			'eeHKjY0LNzaunDjRsLlx4cSZMxWbmxgPcdxqvPRo0hElNubmRX9q9iQ6eMidDT4R1Cyp8kyzYTKDuFOGSE9ToAGX20EOsHWgfCbz8UsoA8do1TsKRsEoGAUDCgA0thZ1ABgAAA==',
		].join(''),
		'base64',
	),
);

export const VECTOR_KEY = createPublicKey(`-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEpqe0cl9apIidxH98AjYLCmzllhUe
sI2x3sK68mhkcCDREUWs47vce8sLWOjOBFow2sZ6vymTb1UZIak6YaYKSw==
-----END PUBLIC KEY-----`);
