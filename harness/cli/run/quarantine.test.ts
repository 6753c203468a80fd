import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { makeFolder, readEvents, readVerdicts, startBlackstart } from '../blackstart.test.support.js';
import { UsageError } from '../usage-error.js';
import { readQuarantine } from './quarantine.js';

const SCENARIOS = [{ name: 'mine', url: 'file:///mine.ts', reference: 'mine.ts', cases: [{ title: 'breaks', slug: 'breaks', needs: [], independent: false }] }];
const entry = (over: Readonly<Record<string, string | undefined>> = {}): string =>
	`quarantine:\n  - ${Object.entries({ scenario: 'mine', title: 'breaks', owner: 'Dana', reason: 'no. 12', until: '2026-12-01', ...over })
		.flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${JSON.stringify(value)}`]))
		.join('\n    ')}\n`;

test('an entry holds until its last day, and one of a scenario that is not run is left alone', (t) => {
	const directory = makeFolder(t, { 'q.yaml': entry(), 'other.yaml': entry({ scenario: 'other' }) });
	const options = { directory, scenarios: SCENARIOS, today: '2026-12-01' };
	t.deepEqual(readQuarantine('q.yaml', options), [{ scenario: 'mine', title: 'breaks', owner: 'Dana', reason: 'no. 12', until: '2026-12-01' }]);
	t.deepEqual(readQuarantine('other.yaml', options), []);
});

const REFUSED: readonly { readonly text: string; readonly says: RegExp }[] = [
	{ text: entry({ until: '2026-11-30' }), says: /q\.yaml: 'mine: breaks' of Dana was to be over by 2026-11-30/ },
	{ text: entry({ owner: undefined }), says: /q\.yaml:2: quarantine\[0\]\.owner/ },
	{ text: entry({ reason: ' ' }), says: /q\.yaml:\d: quarantine\[0\]\.reason/ },
	{ text: entry({ until: 'soon' }), says: /q\.yaml:\d: quarantine\[0\]\.until/ },
	{ text: entry({ colour: 'red' }), says: /q\.yaml:\d: quarantine\[0\].*colour/ },
	{ text: entry({ title: 'break' }), says: /mine has no case 'break'; did you mean 'breaks'\?/ },
	{ text: '- [', says: /q\.yaml:\d/ },
	{ text: 'cases: []', says: /q\.yaml:1: quarantine: .*; a file is like this: 'quarantine: \[\{ scenario: packet-loss, title: / },
];

for (const [index, { text, says }] of REFUSED.entries()) {
	test(`a quarantine file that is wrong is refused by its place, row ${index + 1}`, (t) => {
		const directory = makeFolder(t, { 'q.yaml': text });
		t.regex(t.throws(() => readQuarantine('q.yaml', { directory, scenarios: SCENARIOS, today: '2026-12-01' }), { instanceOf: UsageError }).message, says);
	});
}

test('a case in quarantine runs, is shown, and fails no run; others do', async (t) => {
	const folder = makeFolder(t, {
		'mine.ts': `import { scenario } from 'blackstart';
scenario('breaks', { needs: [] }, async (c) => c.fail('wanted 1'));
scenario('holds', { needs: [] }, async (c) => c.expect(true, ''));`,
		'q.yaml': entry({ until: '9999-01-01' }),
	});
	const { exitCode, stdout } = await startBlackstart(folder, ['run', 'mine.ts', '--out', 'out', '--quarantine', 'q.yaml']);
	t.is(exitCode, 0, stdout);
	t.like(readVerdicts(join(folder, 'out')), { 'mine: breaks': 'failed: wanted 1' });
	t.regex(stdout, /quarantined until 9999-01-01 by Dana: no\. 12; observed: product failure: wanted 1/);
	t.regex(readFileSync(join(folder, 'out/junit.xml'), 'utf8'), /<skipped message="quarantined until 9999-01-01/);
	t.is(readEvents(join(folder, 'out')).filter(({ kind }) => kind === 'run-quarantined').length, 1);
	t.is((await startBlackstart(folder, ['run', 'mine.ts', '--out', 'out', '--no-shrink'])).exitCode, 1);
});
