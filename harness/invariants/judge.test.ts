import test from 'ava';
import { digestOf, EventStory } from './event-story.js';
import { MOST_VIOLATIONS_KEPT } from './findings.js';
import { createJudge } from './judge.js';
import { fleet, RIGHT_STORIES } from './right-stories.js';

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`a right course breaks no invariant: ${name}`, (t) => {
		t.deepEqual(tell().judge().broken, []);
	});
}

test('all fourteen invariants are judged, in the order of the design, with nothing observed too', (t) => {
	const names = [
		...['bootable', 'whole', 'authentic', 'no-downgrade', 'trial', 'settings', 'truthful', 'once'],
		...['converges', 'thrifty', 'gentle', 'contained', 'audited', 'tidy'],
	];
	t.deepEqual(
		createJudge().finish(),
		names.map((invariant) => ({ invariant, checks: 0, violations: [] }) as never),
	);
});

test('violations are kept up to a bound, the rest is counted', (t) => {
	const story = fleet(1);
	for (let boot = 0; boot < 50; boot++) story.boot('d-0', { cause: 'power-loss', settings: 'unreadable' });
	const { checks, violations } = story.close().judge().of('settings');
	t.is(checks, 50);
	t.is(violations.length, MOST_VIOLATIONS_KEPT + 1);
	t.regex(violations.at(-1)?.message ?? '', /and 30 more like these: 50 violations in all/);
	t.is(violations.at(-1)?.device, undefined);
});

test('a verdict asked for twice is the same', (t) => {
	const judge = createJudge();
	for (const event of fleet(1).noBoot('d-0').events) judge.observe(event);
	t.deepEqual(judge.finish(), judge.finish());
	t.is(judge.finish()[0]?.violations.length, 1);
});

test('an event of a device that was never provisioned is the fault of the world, and said so', (t) => {
	const [boot] = new EventStory()
		.release('v1')
		.device('d-0')
		.events.filter(({ kind }) => kind === 'device-boot');
	t.throws(() => createJudge().observe(boot!), {
		instanceOf: RangeError,
		message: /device-boot of device d-0: its device-provisioned event was expected first/,
	});
});

test('a device that goes wrong in one way is charged by one invariant, a fleet in many ways by each', (t) => {
	const story = fleet(3);
	story.cut('d-0').noBoot('d-0');
	story.boot('d-1', { cause: 'power-loss', digest: digestOf('half of v1, half of v2') });
	story.boot('d-2', { cause: 'power-loss', settings: 'unreadable' });
	const { broken } = story.close({ 'd-0': { running: null, outcome: 'bricked' } }).judge();
	t.deepEqual(broken, ['bootable', 'whole', 'settings']);
});
