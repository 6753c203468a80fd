import test from 'ava';
import { digestOf, type EventStory } from './event-story.js';
import type { EventOf } from './invariant.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 0, update: 2, refusal: 0, revert: 3, cuts: 2, rollout: 8, migration: 5, recovery: 3 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`trial holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('trial'), { invariant: 'trial', checks: CHECKS[name as RightStory], violations: [] });
	});
}

const confirmedThenReverted = (facts: { readonly reverted?: boolean } = {}): EventStory => {
	const story = fleet(1).release('v3').update('d-0', 'v3');
	const digest = story.digest('v1');
	return story.boot('d-0', { digest, reverted: true, ...facts }).close({ 'd-0': { running: digest, believedVersion: '1' } });
};

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'an image that was never confirmed runs for good': {
		tell: () => fleet(1).install('d-0', 'v2').boot('d-0', { trial: false }).revert('d-0').ends('d-0', 'FAILED').reports('d-0').close(),
		message: /boots v2 2 .* for good, although it never was confirmed/,
	},
	'a confirmed image is reverted': {
		tell: () => confirmedThenReverted(),
		message: /reverted to v1 1 .*, although v3 3 .* is confirmed/,
	},
	'a confirmed image gives way to the old one without a word': {
		tell: () => confirmedThenReverted({ reverted: false }),
		message: /boots v1 1 .*, which is neither confirmed nor on trial: v3 3/,
	},
	'an image runs on trial that nobody requested': {
		tell: () =>
			fleet(1)
				.boot('d-0', { digest: digestOf('v2 for hw-a'), trial: true })
				.boot('d-0')
				.close(),
		message: /neither confirmed nor on trial/,
	},
	'a trial never ends': {
		tell: () =>
			fleet(1)
				.install('d-0', 'v2')
				.close({ 'd-0': { outcome: 'stuck' } }),
		message: /still runs v2 2 .* unconfirmed when the world closes/,
	},
	'an image is confirmed in the instant of its boot': {
		tell: () => {
			const story = fleet(1).install('d-0', 'v2');
			const boot = story.events.at(-1) as EventOf<'device-boot'>;
			const confirmed = story.confirm('d-0').events.pop() as EventOf<'device-confirmed'>;
			story.events.push({ ...confirmed, at: boot.at });
			return story.ends('d-0', 'SUCCEEDED').reports('d-0').close();
		},
		message: /confirmed v2 2 .* at its first instruction/,
	},
	'an image is confirmed before it ever ran': {
		tell: () => fleet(1).job('d-0', 'v2').requestTrial('d-0').confirm('d-0').boot('d-0').ends('d-0', 'SUCCEEDED').reports('d-0').close(),
		message: /confirmed v2 2 .* before it ever ran/,
	},
	'an image is confirmed that is not on trial': {
		tell: () =>
			fleet(1)
				.release('v3')
				.confirm('d-0', { digest: digestOf('v3 for hw-a') })
				.close(),
		message: /confirmed v3 3 .*, which is not on trial/,
	},
	'flash holds an image for confirmed that only ran on trial': {
		tell: () =>
			fleet(1)
				.install('d-0', 'v2')
				.reports('d-0')
				.close({ 'd-0': { confirmed: true, jobDigest: null } }),
		message: /holds v2 2 .* for confirmed, and no running image confirmed it/,
	},
	'the confirmed image runs as a trial again and stays unconfirmed': {
		tell: () =>
			fleet(1)
				.update('d-0', 'v2')
				.boot('d-0', { cause: 'power-loss', trial: true, reverted: true })
				.close({ 'd-0': { confirmed: false } }),
		message: /unconfirmed when the world closes/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`trial alone is broken: ${name}`, (t) => {
		const judged = tell().judge();
		t.deepEqual(judged.broken, ['trial']);
		t.regex(judged.of('trial').violations[0]?.message ?? '', message);
		t.true(judged.of('trial').checks > 0);
	});
}

test('an image that was given up may run as a trial again where the boot records were lost, and must prove itself', (t) => {
	const lost = (): EventStory => {
		const story = fleet(1).fail('d-0', 'v2');
		return story.cut('d-0').boot('d-0', { cause: 'power-loss', digest: story.digest('v2'), trial: true, reverted: true });
	};
	t.deepEqual(lost().revert('d-0').close().judge().broken, []);
	t.deepEqual(
		lost()
			.close({ 'd-0': { running: digestOf('v2 for hw-a'), confirmed: false } })
			.judge()
			.of('trial').violations.length,
		1,
	);
	const silently = fleet(1)
		.fail('d-0', 'v2')
		.boot('d-0', { digest: digestOf('v2 for hw-a'), trial: true })
		.revert('d-0')
		.close()
		.judge();
	t.deepEqual(silently.broken, ['trial']);
});

test('a request that did not outlive a power cut may be made again', (t) => {
	const story = fleet(1).job('d-0', 'v2').requestTrial('d-0').cut('d-0');
	const digest = story.digest('v1');
	t.deepEqual(
		story
			.boot('d-0', { cause: 'power-loss', digest, trial: false })
			.requestTrial('d-0')
			.boot('d-0')
			.confirm('d-0')
			.ends('d-0', 'SUCCEEDED')
			.reports('d-0')
			.close()
			.judge().broken,
		[],
	);
});

test('an image that is not tried runs for good from its first boot, its counter with it, where the bootloader says so and not otherwise', (t) => {
	const overwritten = (facts: { readonly runsForGood?: true }) =>
		fleet(1)
			.job('d-0', 'v2')
			.requestTrial('d-0', facts)
			.boot('d-0', { trial: false, securityCounter: 2 })
			.confirm('d-0')
			.ends('d-0', 'SUCCEEDED')
			.reports('d-0')
			.close()
			.judge().broken;
	t.deepEqual(overwritten({ runsForGood: true }), []);
	t.deepEqual([...overwritten({})].sort(), ['no-downgrade', 'trial']);
	const taken = fleet(1).job('d-0', 'v2').requestTrial('d-0', { runsForGood: true });
	const stranger = taken
		.boot('d-0', { trial: false, digest: digestOf('v3 for hw-a') })
		.close()
		.judge();
	t.true(stranger.broken.length > 0);
});
