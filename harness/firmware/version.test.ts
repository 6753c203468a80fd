import test from 'ava';
import { compareVersions, formatVersion, parseVersion } from './version.js';

for (const [text, parts, full] of [
	['0', [0, 0, 0, 0], '0.0.0+0'],
	['1.2', [1, 2, 0, 0], '1.2.0+0'],
	['1.2.3', [1, 2, 3, 0], '1.2.3+0'],
	['1.2.3+4', [1, 2, 3, 4], '1.2.3+4'],
	['255.255.65535+4294967295', [255, 255, 65535, 4294967295], '255.255.65535+4294967295'],
] as const) {
	test(`version ${text} is read as imgtool reads it and printed in full`, (t) => {
		const version = parseVersion(text);
		t.deepEqual([version.major, version.minor, version.revision, version.build], [...parts]);
		t.is(formatVersion(version), full);
		t.deepEqual(parseVersion(full), version);
	});
}

for (const text of ['', '1.', 'v1.2.3', '1.2.3.4', '1.2+3', '01.2.3', '1.2.3+', '1.2.3-rc1', '256.0.0', '1.256.0', '1.0.65536', '1.0.0+4294967296', ' 1.0.0']) {
	test(`version ${JSON.stringify(text)} is refused`, (t) => {
		t.throws(() => parseVersion(text), { instanceOf: RangeError, message: /version/ });
	});
}

test('versions are ordered part by part, and the build number counts only where asked for', (t) => {
	const order = ['0.0.0', '0.0.1', '0.0.65535', '0.1.0', '0.255.0', '1.0.0', '1.0.10', '1.2.0', '10.0.0', '255.255.65535'].map(parseVersion);
	for (const [i, a] of order.entries()) {
		for (const [j, b] of order.entries()) t.is(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${formatVersion(a)} against ${formatVersion(b)}`);
	}
	const [old, young] = [parseVersion('1.2.3+1'), parseVersion('1.2.3+4294967295')];
	t.is(compareVersions(old, young), 0);
	t.true(compareVersions(old, young, { withBuild: true }) < 0);
	t.true(compareVersions(young, old, { withBuild: true }) > 0);
});
