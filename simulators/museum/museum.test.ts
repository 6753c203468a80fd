import test from 'ava';
import type { InvariantName } from '../../harness/events/index.js';
import { createJudge, type Judge } from '../../harness/invariants/index.js';
import { EXHIBITS, STORIES, STORY_NAMES, type StoryName, tellStory, visitStory } from './index.js';
import { bootloaders, gates, writers } from './parts/index.js';

const INVARIANTS = createJudge()
	.finish()
	.map(({ invariant }) => invariant);

/** Exhibits that are shown end to end here, and what is said of each; all of them are by `blackstart museum`. */
const SHOWN: Readonly<Record<string, RegExp>> = {
	'single-boot-record': /does not boot after power-loss, and never again: the boot record is lost/,
	'last-block-is-lost': /boots bytes of no release from slot b/,
	'hash-stands-in-for-a-signature': /boots unsigned .*, which must never run/,
	'goes-back-when-told-to': /boots installed 1\.0\.0.* of security counter 5, below the device's 6/,
	'older-counter-is-accepted': /boots downgrade 0\.9\.0.* of security counter 4, below the device's 5/,
	'never-reverts': /still runs forgets-to-confirm .* unconfirmed when the world closes/,
	'confirm-is-not-kept': /reverted to installed .*, although candidate .* is confirmed/,
	'confirm-on-line-one': /confirmed fails-self-test .* at its first instruction, before it could show anything/,
	'settings-in-one-sector': /settings [0-9a-f]+ were expected/,
	'success-before-the-reboot': /for SUCCEEDED, and the device runs installed/,
	'installs-what-runs-already': /job job-2-\S+ puts on trial what the device runs and has confirmed/,
	'tries-too-often': /booted \d+ times; at most 13 were expected with 1 jobs and 0 disturbances/,
	'starts-over-after-a-reconnect': /blocks arrived for an image of 16; at most 24 were expected with 1 resumes/,
	'dials-every-second': /the fleet dialled \d+ times in a second after an outage of 30 s that cut off 60 devices; at most 22 were expected/,
	'counts-failures-as-done': /the gate of wave 0 counted 0 failed and said go; the service holds 2 of 2 for failed/,
	'takes-silence-for-success': /the gate of wave 0 counted 2 succeeded and said go; the service holds 0 of 2 for succeeded/,
	'rollback-without-a-record': /job rollout-1-rollback-\S+ was opened, and no decision on record sent it/,
	'outcome-is-never-struck-off': /there is the outcome SUCCEEDED of job-1-\S+, not acknowledged/,
};

for (const [name, message] of Object.entries(SHOWN)) {
	test.serial(`one invariant alone is broken, and none with the right parts: ${name}`, async (t) => {
		const exhibit = EXHIBITS.find((candidate) => candidate.name === name);
		if (exhibit === undefined) return t.fail('no such exhibit');
		const { story, invariant, parts } = exhibit;
		const right = await tellStory(STORIES[story], { seed: 'shown' });
		t.deepEqual(right.broken, []);
		t.true((right.results.find((result) => result.invariant === invariant)?.checks ?? 0) > 0, 'the story puts the invariant to the test');
		const wrong = await tellStory(STORIES[story], { seed: 'shown', parts });
		t.deepEqual(wrong.broken, [invariant], JSON.stringify(wrong.broken.map((broken) => wrong.firstOf(broken))));
		t.regex(wrong.firstOf(invariant)?.message ?? '', message);
	});
}

test('every invariant is shown', (t) => {
	const shown = Object.keys(SHOWN).map((name) => EXHIBITS.find((exhibit) => exhibit.name === name)?.invariant as InvariantName);
	t.deepEqual([...new Set(shown)].sort(), [...INVARIANTS].sort());
});

test('the museum has at least forty exhibits, each with its incident, and every invariant has one', (t) => {
	t.true(EXHIBITS.length >= 40, `${EXHIBITS.length}`);
	for (const { name, bug, incident, parts } of EXHIBITS) {
		t.regex(name, /^[a-z]+(-[a-z]+)+$/);
		for (const [field, text] of Object.entries({ bug, incident })) t.true(text.length >= 10 && text === text.trim(), `${name}: ${field}`);
		t.true(Object.keys(parts).length > 0, name);
	}
	t.deepEqual([...new Set(EXHIBITS.map(({ invariant }) => invariant))].sort(), [...INVARIANTS].sort());
});

test('no two exhibits or stories have the same name, and no two exhibits the same parts in the same story', (t) => {
	const names = [...EXHIBITS.map(({ name }) => name), ...STORY_NAMES];
	t.is(new Set(names).size, names.length);
	for (const [index, one] of EXHIBITS.entries()) {
		for (const other of EXHIBITS.slice(index + 1)) {
			const isSame = one.story === other.story && partsOf(one.parts).every((part) => partsOf(other.parts).includes(part));
			t.false(isSame, `${one.name} and ${other.name}`);
		}
	}
});

const partsOf = ({ device = {}, ...others }: (typeof EXHIBITS)[number]['parts']): readonly unknown[] => [...Object.values(device), ...Object.values(others)];

test('every story is that of an exhibit', (t) => {
	const used = new Set<StoryName>(EXHIBITS.map(({ story }) => story));
	t.deepEqual(
		STORY_NAMES.filter((name) => !used.has(name)),
		[],
	);
});

test.serial('every story puts the invariants of its exhibits to the test where nothing is wrong, and none is broken', async (t) => {
	for (const story of STORY_NAMES) {
		const { broken, results } = await tellStory(STORIES[story], { seed: 'right' });
		t.deepEqual(broken, [], story);
		for (const { name, invariant } of EXHIBITS.filter((exhibit) => exhibit.story === story)) {
			t.true((results.find((result) => result.invariant === invariant)?.checks ?? 0) > 0, `${name}: ${invariant} in ${story}`);
		}
	}
});

for (const [title, device] of [
	['the hash gate', { createWriter: writers.createTailLosingWriter, createBootloader: bootloaders.createCredulousBootloader }],
	['the bootloader', { createWriter: writers.createTailLosingWriter, objectionToImage: gates.openGate }],
	['the writer', { objectionToImage: gates.openGate, createBootloader: bootloaders.createCredulousBootloader }],
] as const) {
	test.serial(`of three parts that must all be wrong to run half an image, one that is right is enough: ${title}`, async (t) => {
		const { broken, results } = await tellStory(STORIES['short-last-block'], { seed: 'half', parts: { device } });
		t.deepEqual(broken, []);
		t.true(results.some(({ invariant, checks }) => (invariant === 'trial' || invariant === 'truthful') && checks > 0));
	});
}

test.serial('what nobody did is told where it is said: right devices that are accused are a false alarm', async (t) => {
	t.deepEqual(await visitStory('healthy-update', { seed: '3' }), []);
	const alarms = await visitStory('healthy-update', { seed: '3', createJudge: createLyingJudge });
	t.deepEqual(alarms, [{ story: 'healthy-update', seed: '3', invariant: 'tidy', message: 'there is something left' }]);
});

/** Accuses the first device of every world of leaving something behind. */
const createLyingJudge = (): Judge => {
	const judge = createJudge();
	return {
		observe: (event) => judge.observe(event),
		finish: () =>
			judge
				.finish()
				.map((result) =>
					result.invariant === 'tidy' ? { ...result, violations: [{ device: 'device-00001', at: 1, message: 'there is something left' }] } : result,
				),
	};
};

test.serial('a story is the same for the same seed, and another for another', async (t) => {
	const log = async (seed: string): Promise<string> => {
		const events: unknown[] = [];
		await tellStory(STORIES['power-lost-in-the-download'], { seed, onEvent: (event) => events.push(event) });
		return JSON.stringify(events);
	};
	const [first, again, other] = [await log('1'), await log('1'), await log('2')];
	t.is(first, again);
	t.not(first, other);
});
