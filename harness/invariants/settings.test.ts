import test from 'ava';
import { digestOf, type EventStory } from './event-story.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 0, update: 2, refusal: 0, revert: 3, cuts: 3, rollout: 8, migration: 5, recovery: 3 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`settings holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('settings'), { invariant: 'settings', checks: CHECKS[name as RightStory], violations: [] });
	});
}

/** What the last change made of them. */
const settingsOf = ({ events }: EventStory): string => events.filter((event) => event.kind === 'device-settings-changed').at(-1)?.settings ?? '';

const migratedThenReverted = (): EventStory => {
	const story = fleet(1).install('d-0', 'v2').migrate('d-0');
	const settings = settingsOf(story);
	return story.revert('d-0', { settings }).ends('d-0', 'FAILED').reports('d-0').close({ 'd-0': { settings } });
};

const migratedThenLost = (): EventStory => {
	const story = fleet(1).install('d-0', 'v2').migrate('d-0').confirm('d-0').ends('d-0', 'SUCCEEDED').reports('d-0');
	return story.boot('d-0', { cause: 'power-loss', settings: digestOf('settings of d-0') }).close();
};

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'the settings are unreadable after a cut': {
		tell: () => fleet(1).cut('d-0').boot('d-0', { cause: 'power-loss', settings: 'unreadable' }).close(),
		message: /settings [0-9a-f]{12} were expected, they are unreadable/,
	},
	'an update puts the defaults back': {
		tell: () =>
			fleet(1)
				.install('d-0', 'v2')
				.confirm('d-0')
				.boot('d-0', { settings: digestOf('defaults') })
				.ends('d-0', 'SUCCEEDED')
				.reports('d-0')
				.close(),
		message: /settings [0-9a-f]{12} were expected, [0-9a-f]{12} came/,
	},
	'a revert leaves the migrated settings to the old image': {
		tell: () => migratedThenReverted(),
		message: /were expected/,
	},
	'a confirmed migration is lost': {
		tell: () => migratedThenLost(),
		message: /were expected/,
	},
	'the settings are gone when the world closes': {
		tell: () =>
			fleet(1)
				.cut('d-0')
				.boot('d-0', { cause: 'power-loss' })
				.close({ 'd-0': { settings: 'unreadable' } }),
		message: /unreadable/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`settings alone is broken: ${name}`, (t) => {
		const judged = tell().judge();
		t.deepEqual(judged.broken, ['settings']);
		t.regex(judged.of('settings').violations[0]?.message ?? '', message);
		t.true(judged.of('settings').checks > 0);
	});
}

test('what a reverted image had migrated may serve the next trial, unless the settings have changed since', (t) => {
	const again = (change: boolean): EventStory => {
		const story = fleet(1).release('v3').install('d-0', 'v2').migrate('d-0');
		const migrated = settingsOf(story);
		story.revert('d-0').ends('d-0', 'FAILED').reports('d-0');
		if (change) story.tell({ kind: 'device-settings-changed', device: 'd-0', settings: digestOf('by the user') });
		story.job('d-0', 'v3').requestTrial('d-0').boot('d-0', { settings: migrated }).boot('d-0', { settings: migrated }).confirm('d-0');
		return story
			.ends('d-0', 'SUCCEEDED')
			.reports('d-0')
			.close({ 'd-0': { settings: migrated } });
	};
	t.deepEqual(again(false).judge().broken, []);
	t.deepEqual(again(true).judge().broken, ['settings']);
});
