import test from 'ava';
import type { BlackstartEvent } from '../../events/index.js';
import { EventStory } from '../../invariants/event-story.js';
import { fleet, RIGHT_STORIES } from '../../invariants/right-stories.js';
import { readChangelog } from './changelog.js';
import { type AuditEntry, parseEntry } from './entry.js';
import { isAuditedKind, isCampaignKind, TrailScribe } from './scribe.js';
import { encodeSeal } from './seal.js';
import { verifyTrail } from './verify-trail.js';

const started = (title: string): BlackstartEvent => ({ kind: 'scenario-started', scenario: 's', title, target: 'fleet', seed: '1', options: {} });

const write = (events: readonly BlackstartEvent[]): { readonly text: string; readonly seal: string; readonly entries: readonly AuditEntry[] } => {
	const scribe = new TrailScribe();
	const lines = events.flatMap((event) => scribe.observe(event) ?? []);
	return { text: lines.join(''), seal: encodeSeal(scribe.head), entries: lines.map((line) => parseEntry(line.trimEnd())) };
};

test('the trail of every right course verifies, and is the same each time', (t) => {
	for (const tell of Object.values(RIGHT_STORIES)) {
		const events = [started('a case'), ...tell().events];
		const { text, seal, entries } = write(events);
		t.like(verifyTrail(text, seal), { ok: true, entries: entries.length });
		t.is(write(events).text, text);
	}
});

test('an update leaves each of its steps, with the device, its hardware and the image', (t) => {
	const story = fleet(1).update('d-0', 'v2').close();
	const { entries } = write([started('a case'), ...story.events]);
	t.deepEqual(
		entries.map(({ who, what, version }) => [who, what, version]),
		[
			['operator', 'release-published', '1'],
			['operator', 'release-published', '2'],
			['factory', 'device-provisioned', '1'],
			['device', 'job-received', '2'],
			['device', 'trial-requested', '2'],
			['device', 'trial-booted', '2'],
			['device', 'confirmed', '2'],
			['service', 'job-succeeded', '2'],
		],
	);
	for (const entry of entries.slice(3)) t.like(entry, { scenario: 's', title: 'a case', device: 'd-0', hardware: 'hw-a', digest: story.digest('v2') });
});

test('a rollout leaves each of its decisions', (t) => {
	const { entries } = write([started('a case'), ...RIGHT_STORIES.rollout().events]);
	t.deepEqual(
		entries.filter(({ who }) => who === 'controller').map(({ what }) => what),
		['rollout-planned', 'rollout-wave', 'rollout-gate-go', 'rollout-wave', 'rollout-gate-halt', 'rollout-halted', 'rollout-rolled-back', 'rollout-ended'],
	);
	t.is(entries.filter(({ what }) => what === 'reverted').length, 2);
});

test("a campaign's decision is entered in its own words", (t) => {
	const { entries } = write(fleet(1).tell({ kind: 'campaign-decision', campaign: 'c', who: 'ada', what: 'approved', why: 'all checks passed' }).events);
	t.like(entries.at(-1), { who: 'ada', what: 'approved', why: 'c: all checks passed' });
});

test('devices of another world are other devices', (t) => {
	const first = new EventStory().release('v1').device('d-0').events;
	const second: readonly BlackstartEvent[] = [
		{ kind: 'world-opened', at: 0, seed: '2', devices: 1, options: {} },
		{ kind: 'device-job', at: 1, device: 'd-0', job: 'job', digest: 'ff' },
	];
	t.is(write([started('a case'), ...first, ...second]).entries.at(-1)?.hardware, undefined);
});

test('kinds that are said to leave nothing leave nothing', (t) => {
	const events = Object.values(RIGHT_STORIES).flatMap((tell) => [started('a case'), ...tell().events]);
	t.is(write(events.filter(({ kind }) => isAuditedKind(kind))).text, write(events).text);
	t.true(events.some(({ kind }) => !isAuditedKind(kind)));
	t.deepEqual([...new Set(events.map(({ kind }) => kind).filter(isCampaignKind))].sort(), [
		...['rollout-ended', 'rollout-gate', 'rollout-halted', 'rollout-planned', 'rollout-rolled-back', 'rollout-wave'],
	] as never);
});

test('the changelog tells what each group of devices left the factory with, came to, tried and refused', (t) => {
	const story = new EventStory().release('v1', { on: ['hw-a', 'hw-b'] }).release('v2', { on: ['hw-a', 'hw-b'], securityCounter: 2 });
	story.device('a-0').device('a-1').device('b-0', { hardware: 'hw-b' });
	story.update('a-0', 'v2').fail('a-1', 'v2').job('b-0', 'v2').refuse('b-0').close();
	const [first, second, ...others] = readChangelog(write([started('a case'), ...story.events]).entries);
	t.is(others.length, 0);
	t.like(first, {
		scenario: 's',
		title: 'a case',
		hardware: 'hw-a',
		versions: [
			{ version: '2', devices: 1 },
			{ version: '1', devices: 1 },
		],
	});
	t.deepEqual(
		first?.changes.map(({ kind, from, to, devices }) => [kind, from, to, devices]),
		[
			['provisioned', undefined, '1', 2],
			['updated', '1', '2', 1],
			['gave-up', '1', '2', 1],
		],
	);
	t.true((first?.changes[0]?.lastAt ?? 0) > (first?.changes[0]?.firstAt ?? 0));
	t.deepEqual(
		second?.changes.map(({ kind, from, to, devices }) => [kind, from, to, devices]),
		[
			['provisioned', undefined, '1', 1],
			['refused', '1', '2', 1],
		],
	);
});

test('devices of one hardware are told apart in the changelog by the groups that a campaign knows them by', (t) => {
	const story = new EventStory().release('v1').release('v2', { securityCounter: 2 });
	for (const device of ['a-0', 'a-1', 'a-2']) story.device(device);
	for (const [device, group] of [
		['a-0', 'north'],
		['a-1', 'south'],
	] as const)
		story.tell({ kind: 'campaign-decision', campaign: 'c', who: 'controller', what: 'device-started', device, group, why: 'job' });
	story.update('a-0', 'v2').update('a-2', 'v2').close();
	const { entries } = write([started('a case'), ...story.events]);
	t.deepEqual(
		entries.filter(({ group }) => group !== undefined).map(({ device, group }) => [device, group]),
		[
			['a-0', 'north'],
			['a-1', 'south'],
		],
	);
	t.deepEqual(
		readChangelog(entries).map(({ group, versions }) => [group, versions]),
		[
			['north', [{ version: '2', devices: 1 }]],
			['south', [{ version: '1', devices: 1 }]],
			[undefined, [{ version: '2', devices: 1 }]],
		],
	);
});
