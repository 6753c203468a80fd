import test from 'ava';
import { EventStory } from './event-story.js';

/** A fleet of two to which `campaign` decides to send the release. */
const decide = (story: EventStory, campaign: string, what: string, device?: string): EventStory =>
	story.tell({
		kind: 'campaign-decision',
		campaign,
		who: 'controller',
		what,
		why: 'told',
		...(device === undefined ? {} : { device, digest: story.digest('v2') }),
	});

const begin = (): EventStory => new EventStory().release('v1').release('v2', { securityCounter: 2 }).device('d1').device('d2');

test('a campaign that sends to a device of another one is accused, once that one has ended it is not', (t) => {
	const story = begin();
	decide(story, 'spring', 'device-started', 'd1');
	decide(story, 'hotfix', 'device-started', 'd2');
	t.deepEqual(story.judge().of('audited').violations, []);
	decide(story, 'hotfix', 'device-started', 'd1');
	t.deepEqual(
		story
			.judge()
			.of('audited')
			.violations.map(({ device, message }) => `${device}: ${message}`),
		['d1: campaign hotfix sends to a device that campaign spring has not ended with'],
	);
	const later = begin();
	decide(later, 'spring', 'device-started', 'd1');
	decide(later, 'spring', 'halted');
	decide(later, 'hotfix', 'device-started', 'd1');
	t.deepEqual(later.judge().of('audited').violations, []);
});

test('a device that a person flashed has that image for its own, with the settings it had', (t) => {
	const story = begin();
	const digest = story.digest('v2');
	story.tell({ kind: 'device-flashed', device: 'd1', slot: 'a', runs: true, digest }).boot('d1', { digest, version: '2' });
	const judged = story.judge();
	for (const name of ['trial', 'settings', 'audited', 'no-downgrade'] as const) t.deepEqual(judged.of(name).violations, [], name);
	const unsaid = begin();
	unsaid.boot('d1', { digest, version: '2', trial: false });
	unsaid.job('d1', 'v2').requestTrial('d1').boot('d1', { trial: false });
	t.true(unsaid.judge().broken.includes('trial'));
});
