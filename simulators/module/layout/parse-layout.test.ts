import test from 'ava';
import { LayoutError, parseLayout } from './parse-layout.js';

const GOOD = `flash:
  sectors:
    - { count: 2, size: 512B }
    - { count: 8, size: 1KiB }
  writeSize: 8B
slots:
  run: in-place
  a: { offset: 1KiB, size: 4KiB }
  b: { offset: 5KiB, size: 4KiB }
records:
  - { offset: 0B, size: 512B }
`;

test('a layout has its defaults: FF erased, one boot of a trial, reverts', (t) => {
	const layout = parseLayout(GOOD, { file: 'layout.yaml' });
	t.is(layout.geometry.erasedByte, 0xff);
	t.false(layout.geometry.writeOnce);
	t.true(parseLayout(GOOD.replace('8B', '8B\n  writeOnce: true'), { file: 'layout.yaml' }).geometry.writeOnce);
	t.deepEqual(layout.trial, { boots: 1, reverts: true, permanent: false });
	t.deepEqual(layout.layout.slotB, { offsetBytes: 5120, sizeBytes: 4096 });
	t.deepEqual(layout.layout.records, [{ offsetBytes: 0, sizeBytes: 512 }]);
	t.is(layout.layout.scratch, null);
	t.is(layout.limits.watchdogSteps, undefined);
});

const WRONG: readonly { readonly what: string; readonly text: string; readonly says: string }[] = [
	{
		what: 'a key that is none',
		text: `${GOOD}recrods: []\n`,
		says: "layout.yaml:12: recrods: a key of the layout was expected, did you mean records?, got 'recrods'",
	},
	{
		what: 'a bare number for a size',
		text: GOOD.replace('8B', '8'),
		says: 'layout.yaml:5: flash.writeSize: a size with its unit was expected (0B, 512B, 4KiB, 1MiB), got 8',
	},
	{
		what: 'a write size that no part has',
		text: GOOD.replace('8B', '24B'),
		says: 'layout.yaml:5: flash.writeSize: a divisor of the page size 32 was expected, got 24',
	},
	{
		what: 'slots that overlap',
		text: GOOD.replace('offset: 5KiB', 'offset: 4KiB'),
		says: 'layout.yaml:9: slots.b: sectors of its own were expected, it reaches into slots.a',
	},
	{
		what: 'half a sector',
		text: GOOD.replace('offset: 5KiB, size: 4KiB', 'offset: 5KiB, size: 512B'),
		says: "layout.yaml:9: slots.b: whole sectors of the part's 9216 bytes were expected, got 512 bytes at 5120",
	},
	{
		what: 'an area outside the part',
		text: GOOD.replace('offset: 5KiB', 'offset: 6KiB'),
		says: "layout.yaml:9: slots.b: whole sectors of the part's 9216 bytes were expected, got 4096 bytes at 6144",
	},
	{ what: 'no slots', text: GOOD.replace(/slots:[\s\S]*?records/, 'records'), says: 'layout.yaml:1: slots: the slots were expected: run, a, b, got nothing' },
];

for (const { what, text, says } of WRONG) {
	test(`${what} is told by file, line and key`, (t) => {
		t.throws(() => parseLayout(text, { file: 'layout.yaml' }), { instanceOf: LayoutError, message: says });
	});
}
