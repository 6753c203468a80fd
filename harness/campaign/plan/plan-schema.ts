import { z } from 'zod';
import { parseSize } from '../../text/index.js';
import { parseDuration, parseInstant, parseRatio, parseTimeOfDay, parseWaveSize } from './quantity.js';

/**
 * The one schema of a campaign plan: what each key takes, what it becomes and what it is where it is left out. The text in
 * `error` is what a person is told was expected.
 */
const told = (error: string) => ({ error });

/** Text (or a number) that a parser reads; what it gives undefined for is wrong. */
const quantity = (expected: string, parse: (text: string) => number | undefined) =>
	z.string(told(expected)).transform((text, context) => parse(text) ?? refuse(context, expected));
const quantityOrNumber = (expected: string, parse: (value: string | number) => number | undefined) =>
	z.union([z.string(), z.number()], told(expected)).transform((value, context) => parse(value) ?? refuse(context, expected));

const refuse = (context: z.RefinementCtx, message: string): never => {
	context.addIssue({ code: 'custom', message });
	return z.NEVER;
};

const pattern = (expected: string, shape: RegExp) => z.string(told(expected)).regex(shape, told(expected));
const name = (what: string) => pattern(`${what}: small letters, digits and -, at most 24, were expected`, /^[a-z0-9][a-z0-9-]{0,23}$/);
const text = (expected: string) => z.string(told(expected)).trim().min(1, told(expected)).max(120, told(expected));
const list = <Item extends z.ZodType>(item: Item, expected: string) => z.array(item, told(expected)).min(1, told(expected));
const wholeNumber = (expected: string) => z.int(told(expected)).min(0, told(expected));
const yesOrNo = z.boolean(told('true or false was expected'));

const DURATION = 'a duration with its unit was expected (90s, 30m, 2h, 1d)';
const duration = quantity(DURATION, parseDuration);
const size = quantity('a size with its unit was expected (512B, 48KiB, 2MiB)', parseSize);
const ratio = quantityOrNumber('a share from 0 to 1 or a percentage was expected (0.05, 5%)', parseRatio);
const waveSize = quantityOrNumber('devices were expected: a whole number from 1, or a percentage above 0 and below 100 (5, 10%)', parseWaveSize);
const timeOfDay = quantity("a time of day was expected ('22:30')", parseTimeOfDay);
const VERSION = "a version was expected, in quotes where it looks like a number ('1.2.0', '1.2.0+7')";
const version = pattern(VERSION, /^\d{1,3}(\.\d{1,3}(\.\d{1,5}(\+\d{1,10})?)?)?$/).refine((given) => {
	const [major = 0, minor = 0, revision = 0, build = 0] = given.split(/[.+]/).map(Number);
	return major <= 0xff && minor <= 0xff && revision <= 0xffff && build <= 0xffff_ffff;
}, told(VERSION));
const hardware = name('a hardware revision');
const device = pattern('a device id was expected: letters, digits, -, _ and :', /^[\w:-]{1,128}$/);

export const CRITICALITIES = ['low', 'medium', 'high', 'critical'] as const;
const criticality = z.enum(CRITICALITIES, told(`one of ${CRITICALITIES.join(', ')} was expected`));
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const day = z.enum(DAYS, told(`one of ${DAYS.join(', ')} was expected`));

const timeZone = z.string(told('an IANA time zone was expected (Europe/Berlin)')).transform((zone, context) => {
	try {
		return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
	} catch {
		return refuse(context, 'an IANA time zone was expected (Europe/Berlin)');
	}
});

/** What is known good of a device. */
const baseline = { model: name('a model'), hardware, version, segment: name('a network segment'), criticality };

const inventoryGroup = z.strictObject(
	{
		group: name('a group'),
		model: baseline.model.optional(),
		hardware,
		version,
		segment: baseline.segment.optional(),
		criticality: criticality.default('medium'),
		/** Devices of the group, by id; left out, every device of its hardware and segment that no group lists. */
		devices: list(
			z.preprocess(
				(entry) => (typeof entry === 'string' ? { id: entry } : entry),
				z.strictObject(
					{
						id: device,
						model: baseline.model.optional(),
						hardware: hardware.optional(),
						version: version.optional(),
						segment: baseline.segment.optional(),
						criticality: criticality.optional(),
					},
					told('a device id was expected, or id and what of its baseline is its own'),
				),
			),
			'a list of devices was expected',
		).optional(),
		/** Share of a simulated fleet, in relation to those of the other groups. */
		share: z.number(told('a number above 0 was expected')).positive(told('a number above 0 was expected')).max(1_000_000).default(1),
	},
	told('a group of the inventory was expected: group, hardware, version …'),
);

const compatibilityRule = z.strictObject(
	{
		/** Left out, the rule is for all hardware. */
		hardware: list(hardware, 'a list of hardware revisions was expected').optional(),
		minimumVersion: version.optional(),
		freeSlot: size.optional(),
		memory: size.optional(),
		peripherals: list(name('a peripheral'), 'a list of peripherals was expected').optional(),
	},
	told('a compatibility rule was expected: minimumVersion, freeSlot, memory, peripherals'),
);

const dependency = z.strictObject(
	{
		first: name('a group').optional(),
		// biome-ignore lint/suspicious/noThenProperty: it is a key of the plan and holds text; nobody awaits it.
		then: name('a group').optional(),
		together: z.array(name('a group'), told('a list of two groups or more was expected')).min(2, told('two groups or more were expected')).optional(),
		/** Share of `first` that must be updated before `then` goes. */
		needs: ratio.default(1),
		per: z.enum(['segment', 'fleet'], told('segment or fleet was expected')).default('segment'),
	},
	told('a dependency was expected: first and then, or together'),
);

const maintenanceWindow = z.strictObject(
	{
		groups: list(name('a group'), 'a list of groups was expected').optional(),
		segments: list(name('a network segment'), 'a list of network segments was expected').optional(),
		/** Days on which the window begins. */
		days: list(day, `a list of days was expected (${DAYS.join(', ')})`).default([...DAYS]),
		from: timeOfDay,
		/** Not after `from`: on the next day. */
		to: timeOfDay,
		timeZone,
	},
	told('a maintenance window was expected: days, from, to, timeZone'),
);

const healthGate = z.strictObject(
	{
		/** At most so warm. */
		temperatureC: z.number(told('degrees Celsius were expected')).optional(),
		/** At most so much warmer than before the update. */
		temperatureRiseC: z.number(told('degrees Celsius were expected')).optional(),
		/** At most so many more than before the update. */
		errors: wholeNumber('a number of errors was expected').optional(),
		watchdogResets: wholeNumber('a number of watchdog resets was expected').optional(),
		memoryLossPerHour: size.optional(),
		/** Of the flash sector that is erased most often. */
		flashErasesPerDay: z.number(told('a number of erases was expected')).min(0, told('a number of erases was expected')).optional(),
		/** A certificate must hold for so many days at least: one that is not renewed is found while its device can still be reached. */
		certificateDays: wholeNumber('a number of days was expected').optional(),
		/** Share of the wave that may be out of these bounds. */
		unhealthy: ratio.default(0),
	},
	told('health bounds were expected: temperatureC, errors, watchdogResets, memoryLossPerHour, flashErasesPerDay, certificateDays …'),
);

const gates = z.strictObject(
	{
		/** Share of a wave that may fail or say nothing. */
		failures: ratio.default(0.05),
		/** An updated device that reported nothing for so long is silent, and so failed. */
		silence: duration.optional(),
		health: healthGate.optional(),
	},
	told('gates were expected: failures, silence, health'),
);

const release = z.preprocess(
	(value) => (value === 'candidate' ? undefined : value),
	z
		.strictObject(
			{
				images: z.record(hardware, text("an image's file was expected"), told('an image file for each hardware revision was expected')),
				/** Public keys that devices hold, PEM files. */
				keys: z.array(text("a key's file was expected"), told('a list of PEM files was expected')).default([]),
			},
			told("'candidate', or images by hardware revision, was expected"),
		)
		.optional(),
);

const selection = z.strictObject(
	{
		groups: list(name('a group'), 'a list of groups was expected').optional(),
		segments: list(name('a network segment'), 'a list of network segments was expected').optional(),
		hardware: list(hardware, 'a list of hardware revisions was expected').optional(),
	},
	told('what the campaign is for was expected: groups, segments, hardware'),
);

export const planSchema = z.strictObject(
	{
		name: name("the campaign's name"),
		release,
		/** Who answers for it. A plan can be rehearsed without; nothing goes out without. */
		approver: text('the name of the person who approved it was expected').optional(),
		targets: selection.default({}),
		inventory: list(inventoryGroup, 'a list of groups was expected'),
		/** Whether devices that drifted from their baseline are left out. */
		drifted: z.enum(['leave-out', 'update'], told('leave-out or update was expected')).default('leave-out'),
		compatibility: list(compatibilityRule, 'a list of rules was expected').default([]),
		dependencies: list(dependency, 'a list of dependencies was expected').default([]),
		/** Not before this. */
		starts: quantity('an instant with its zone was expected (2026-03-28T20:00Z)', parseInstant).optional(),
		windows: list(maintenanceWindow, 'a list of maintenance windows was expected').default([]),
		/** What a battery must hold, 0-1. A device whose battery holds less waits for its charge, so long at most, and is then left out. */
		battery: z.strictObject({ minimum: ratio, waits: duration.default(86_400_000) }, told('a bound for batteries was expected: minimum, waits')).optional(),
		/** How long an update may take on a device: one that would not fit the rest of its window waits for the next. One that takes longer is let finish, and named. */
		updateTakes: duration.default(1_200_000),
		order: z.enum(['criticality', 'any'], told('criticality or any was expected')).default('criticality'),
		pilot: waveSize,
		waves: z.array(waveSize, told('a list of wave sizes was expected')).default([]),
		gates: gates.prefault({}),
		/** A device that has not finished so long after it was started counts as silent. */
		deviceTimeout: duration.default(14_400_000),
		/** How long a wave is watched after its last device finished. */
		soak: duration.optional(),
		/** How long the last wave, and with it all that was updated, is watched: for what hours do not show. No less than `soak`. */
		watch: duration.optional(),
		/** After a halt: take back what no device has begun, or let it go on. */
		halt: z.enum(['cancel-pending', 'let-finish'], told('cancel-pending or let-finish was expected')).default('cancel-pending'),
		/** After a halt, what had succeeded goes back to the version before: at once, when its window lets it, or not at all. */
		rollback: z.enum(['at-once', 'in-windows', 'none'], told('at-once, in-windows or none was expected')).default('in-windows'),
		/** Settings and credentials, before anything is sent. */
		backup: z
			.strictObject({ settings: yesOrNo.default(true), tryRestore: yesOrNo.default(true) }, told('a backup was expected: settings, tryRestore'))
			.prefault({}),
		/** A device that has not finished so long after it was started is named in an alert. */
		stuckAfter: duration.default(3_600_000),
	},
	told("a mapping of the plan's keys was expected"),
);

/** A campaign plan as read: durations in milliseconds, sizes in bytes, shares below 1, times of day in minutes. */
export type CampaignPlan = z.output<typeof planSchema>;
export type BaselineGroup = CampaignPlan['inventory'][number];
export type CompatibilityRule = CampaignPlan['compatibility'][number];
export type Dependency = CampaignPlan['dependencies'][number];
export type MaintenanceWindow = CampaignPlan['windows'][number];
export type HealthGate = NonNullable<CampaignPlan['gates']['health']>;
export type Criticality = (typeof CRITICALITIES)[number];
