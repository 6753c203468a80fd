import { z } from 'zod';
import { parseSize } from '../../../harness/text/index.js';
import { MODULE_LIMITS } from '../firmware-module.js';

/** The one schema of a layout file: what each key takes, and what it is where it is left out. `error` is what a person is told was expected. */
const told = (error: string) => ({ error });

const SIZE = 'a size with its unit was expected (0B, 512B, 4KiB, 1MiB)';
const size = z.string(told(SIZE)).transform((text, context) => {
	const sizeBytes = parseSize(text);
	if (sizeBytes !== undefined) return sizeBytes;
	context.addIssue({ code: 'custom', message: SIZE });
	return z.NEVER;
});

const whole = (expected: string, range: { readonly least: number; readonly most: number }) =>
	z.int(told(expected)).min(range.least, told(expected)).max(range.most, told(expected));
const object = <Shape extends z.core.$ZodLooseShape>(shape: Shape, expected: string) =>
	z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? undefined : expected) });

const yesOrNo = z.boolean(told('true or false was expected'));
const area = object({ offset: size, size }, 'an area was expected: { offset: 0B, size: 4KiB }').transform(({ offset, size: sizeBytes }) => ({
	offsetBytes: offset,
	sizeBytes,
}));
const sectors = object(
	{ count: whole('a number of sectors was expected, 1 to 65536', { least: 1, most: 65_536 }), size },
	'a run of sectors was expected: { count: 11, size: 1KiB }',
);
const steps = (expected: string) => whole(expected, { least: 1, most: 4_000_000_000 });

const ERASED = 'the byte that erased flash reads was expected: 0xff or 0x00';
const RUN = 'where images run was expected: in-place, or from-a';

export const layoutSchema = object(
	{
		flash: object(
			{
				sectors: z.array(sectors, told('a list of runs of sectors was expected')).min(1, told('at least one run of sectors was expected')),
				writeSize: size,
				erased: z.union([z.literal(0xff), z.literal(0x00)], told(ERASED)).default(0xff),
				writeOnce: yesOrNo.default(false),
			},
			'the flash part was expected: sectors, writeSize, erased, writeOnce',
		),
		slots: object({ run: z.enum(['in-place', 'from-a'], told(RUN)), a: area, b: area }, 'the slots were expected: run, a, b'),
		records: z.array(area, told('a list of areas was expected')).default([]),
		scratch: area.optional(),
		trial: object(
			{
				boots: whole('boots of a trial were expected, 1 to 255', { least: 1, most: 255 }).default(1),
				reverts: yesOrNo.default(true),
				permanent: yesOrNo.default(false),
			},
			'what the bootloader promises of trials was expected: boots, reverts, permanent',
		).default({ boots: 1, reverts: true, permanent: false }),
		limits: object(
			{
				steps: steps('steps that a boot may take were expected, 1 to 4000000000').default(MODULE_LIMITS.steps),
				memory: size.default(MODULE_LIMITS.memoryBytes),
				watchdog: steps('steps between two feedings of the watchdog were expected, 1 to 4000000000').optional(),
			},
			'limits of a boot were expected: steps, memory, watchdog',
		).default({ steps: MODULE_LIMITS.steps, memory: MODULE_LIMITS.memoryBytes }),
		securityCounters: object(
			{
				from: whole('the security counter of the old image was expected', { least: 0, most: 0xffff_ffff }),
				to: whole('the security counter of the new image was expected', { least: 0, most: 0xffff_ffff }),
			},
			'the security counters of both images were expected: from, to',
		).optional(),
	},
	'a layout was expected: flash, slots, records, scratch, trial, limits',
);

export type LayoutFile = z.output<typeof layoutSchema>;
