import test from 'ava';
import fc from 'fast-check';
import { type CaseText, encodeCase, parseCase, titleSlugs } from './case-text.js';

const path = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => !text.includes('\0'));
const digest = fc.stringMatching(/^[0-9a-f]{12}$/);
const reference = fc.record({ path, digest });
const places = (minLength: number) =>
	fc.uniqueArray(fc.integer({ min: 1, max: 1_000_000 }), { minLength }).map((list) => list.sort((one, other) => one - other));
const keptWaves = fc.integer({ min: 1, max: 1_000 });
const cell = fc.constantFrom({ index: 0, count: 1 }, { index: 2, count: 3 }, { index: 0, count: 10_000 });
const reduction = fc
	.record({ devices: places(1), faults: places(0), waves: keptWaves, cell }, { requiredKeys: [] })
	.filter((parts) => Object.keys(parts).length > 0);
const rung = fc.oneof(
	fc.record({ speed: fc.constantFrom(1, 0.5, 60, 100), transport: fc.constantFrom('memory', 'tcp') }),
	fc.record({ speed: fc.constant(1), transport: fc.constant('tcp'), broker: fc.constantFrom('mosquitto', 'mqtt://10.0.0.1:1884', 'mqtt://[::1]') }),
	fc.record({
		speed: fc.constant(2),
		transport: fc.constant('tls'),
		broker: fc.constantFrom('mosquitto', 'mqtts://broker.example:8883'),
		mqtt: fc.constant(5),
	}),
	fc.record({ speed: fc.constant(1), transport: fc.constantFrom('tcp', 'tls'), loss: fc.constant('real') }),
	fc.record({ speed: fc.constant(1), transport: fc.constantFrom('tcp', 'tls'), faults: fc.constant('device') }),
);
const caseText: fc.Arbitrary<CaseText> = fc
	.record(
		{
			file: path,
			slug: fc.stringMatching(/^[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}$/),
			seed: fc.maxSafeNat().map(String),
			devices: fc.integer({ min: 1, max: 1_000_000 }),
			image: reference,
			from: reference,
			key: path,
			rung,
			reduction,
		},
		{ requiredKeys: ['file', 'slug', 'seed', 'devices'] },
	)
	.map((value) => value as CaseText);

test('any case is one shell-safe line that reads back as it was (seed 7)', (t) => {
	fc.assert(
		fc.property(caseText, (value) => {
			const text = encodeCase(value);
			t.regex(text, /^[\w./%=:@,-]+$/);
			t.deepEqual(parseCase(text), value);
		}),
		{ seed: 7, numRuns: 300 },
	);
});

test('any text is a case or is refused with an example, and nothing else (seed 7)', (t) => {
	const pieces = fc.constantFrom('packet-loss', '/', ':', 'seed=7', 'devices=500', 'image=', '@', '%zz', '-', 'seed=', '0', '🙂');
	fc.assert(
		fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
			const text = parts.join('');
			try {
				t.is(encodeCase(parseCase(text)), text);
			} catch (error) {
				t.true(error instanceof TypeError);
				t.regex((error as Error).message, /^a case like packet-loss\/5-percent-packet-loss:seed=7:devices=500 was expected, got '/);
			}
		}),
		{ seed: 7, numRuns: 2000 },
	);
});

const BROKEN = [
	'garbage',
	'packet-loss/x:seed=7',
	'packet-loss/x:seed=7:devices=5:speed=2',
	'packet-loss/x:seed=7:devices=5:time=virtual',
	'packet-loss/x:seed=7:devices=5:time=real:speed=101',
	'packet-loss/x:seed=7:devices=5:time=real:transport=udp',
	'packet-loss/x:seed=7:devices=5:time=real:transport=tcp:faults=proxy',
	'packet-loss/x:seed=7:devices=5:time=real:faults=device',
	'packet-loss/x:seed=7:devices=5:time=real:transport=tcp:loss=real:faults=device',
	'packet-loss/x:devices=5',
	'packet-loss/x:seed=-1:devices=5',
	'packet-loss/x:seed=7:devices=0',
	'packet-loss/X Y:seed=7:devices=5',
	'packet-loss/x:seed=7:devices=5:colour=red',
	'packet-loss/x:seed=7:seed=8:devices=5',
	'packet-loss/x:seed=7:devices=5:image=a.bin',
	'/x:seed=7:devices=5',
	'packet-loss/x:seed=7:devices=5:keep-devices=none',
	'packet-loss/x:seed=7:devices=5:keep-devices=2,1',
	'packet-loss/x:seed=7:devices=5:keep-faults=',
	'packet-loss/x:seed=7:devices=5:keep-faults=0',
	'packet-loss/x:seed=7:devices=5:keep-faults=1-99999999',
	'packet-loss/x:seed=7:devices=5:keep-waves=0',
	'packet-loss/x:seed=7:devices=5:cell=3/3',
	'packet-loss/x:seed=7:devices=5:cell=0/0',
	'%zz/x:seed=7:devices=5',
];

for (const text of BROKEN) test(`'${text}' is no case`, (t) => void t.throws(() => parseCase(text), { instanceOf: TypeError, message: /^a case like/ }));

test('titles become slugs: readable, and no two alike', (t) => {
	t.deepEqual(titleSlugs(['5 % loss: all converge', '5 % loss, all converge', 'Überall!', '日本', '—']), [
		'5-percent-loss-all-converge',
		'5-percent-loss-all-converge-2',
		'uberall',
		'case',
		'case-2',
	]);
});
