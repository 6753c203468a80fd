import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import yargs from 'yargs';
import { appendEntry, EMPTY_TRAIL, encodeSeal } from '../../campaign/audit/index.js';
import { UsageError } from '../usage-error.js';
import { createAuditCommand } from './audit-command.js';

const folder = mkdtempSync(join(tmpdir(), 'blackstart-audit-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string): string => join(folder, name);

let head = EMPTY_TRAIL;
const LINES = Array.from({ length: 9 }, (_, index) => {
	const device = { device: `d-${index % 3}`, hardware: 'hw-a', version: index < 3 ? '1.0.0' : '1.1.0', digest: 'ab'.repeat(32) };
	const what = ['device-provisioned', 'trial-booted', 'confirmed'][Math.floor(index / 3)] as string;
	const appended = appendEntry(head, { at: index * 61_000, scenario: 's', title: 't', who: 'device', what, ...device, why: '=1+1, "quoted"' });
	head = appended.head;
	return appended.line;
});
const GOOD = place('good.jsonl');
writeFileSync(GOOD, LINES.join(''));
writeFileSync(`${GOOD}.head`, encodeSeal(head));

/** A copy of the good trail, with something done to it, under the right seal. */
const damaged = (name: string, content: string | Uint8Array): string => {
	writeFileSync(place(name), content);
	copyFileSync(`${GOOD}.head`, `${place(name)}.head`);
	return place(name);
};

const run = async (...values: readonly string[]): Promise<{ readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string }> => {
	let exitCode: number | undefined;
	let stdout = '';
	let stderr = '';
	const command = createAuditCommand({
		print: (text) => {
			stdout += `${text}\n`;
		},
		printAside: (text) => {
			stderr += `${text}\n`;
		},
		setExitCode: (code) => {
			exitCode = code;
		},
	});
	try {
		await yargs()
			.command(command)
			.strict()
			.version('0')
			.parserConfiguration({ 'duplicate-arguments-array': true, 'camel-case-expansion': false })
			.exitProcess(false)
			.fail((message, error) => {
				throw error && error.name !== 'YError' ? error : new UsageError(message);
			})
			.parseAsync(['audit', ...values]);
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		return { exitCode: 2, stdout, stderr: error.message };
	}
	return { exitCode, stdout, stderr };
};

test.serial('a good trail is good: exit 0', async (t) => {
	t.deepEqual(await run('verify', GOOD), { exitCode: 0, stdout: `good: ${GOOD}: 9 entries, the last ${head.hash}\n`, stderr: '' });
	const { exitCode, stdout } = await run('verify', GOOD, '--json');
	t.is(exitCode, 0);
	t.deepEqual(JSON.parse(stdout), { file: GOOD, verdict: 'good', entries: 9, hash: head.hash });
});

const DAMAGE: Readonly<Record<string, { readonly content: () => string | Uint8Array; readonly says: RegExp }>> = {
	'a digit': {
		content: () => LINES.map((line, index) => (index === 3 ? line.replace('183000', '183001') : line)).join(''),
		says: /line 4: changed: entry 4: its content/,
	},
	'a hex digit': { content: () => LINES.map((line, index) => (index === 3 ? line.replace('abab', 'ab0b') : line)).join(''), says: /line 4: changed/ },
	'a line that is gone': { content: () => LINES.filter((_, index) => index !== 3).join(''), says: /line 4: removed: entry 4 was expected, entry 5 came/ },
	'a last line that is gone': { content: () => LINES.slice(0, -1).join(''), says: /line 9: cut-off: 9 entries were sealed, 8 are there/ },
	'half a last line': { content: () => LINES.join('').slice(0, -20), says: /line 9: cut-off: a newline was expected/ },
	'a byte that is no UTF-8': {
		content: () => {
			const bytes = Buffer.from(LINES.join(''));
			bytes[LINES.slice(0, 5).join('').length + 20] = 0xff;
			return bytes;
		},
		says: /line 6: changed/,
	},
};

for (const [name, { content, says }] of Object.entries(DAMAGE)) {
	test.serial(`a damaged trail is exit 1, and neither exported nor read: ${name}`, async (t) => {
		const file = damaged('damaged.jsonl', content());
		const verified = await run('verify', file);
		t.is(verified.exitCode, 1);
		t.regex(verified.stdout, says);
		t.like(JSON.parse((await run('verify', file, '--json')).stdout), { verdict: 'broken' });
		for (const command of ['export', 'changelog']) {
			const { exitCode, stdout, stderr } = await run(command, file);
			t.is(exitCode, 1);
			t.is(stdout, '');
			t.regex(stderr, says);
		}
	});
}

test.serial('a trail that is read in many pieces is judged, exported and told like any other', async (t) => {
	const file = place('long.jsonl');
	let end = EMPTY_TRAIL;
	// Each line is longer than half a piece, and characters of several bytes lie across the borders.
	const lines = Array.from({ length: 7 }, (_, index) => {
		const appended = appendEntry(end, { at: index, scenario: 's', title: 't', who: 'device', what: 'refused', device: 'd', why: '€'.repeat(220_000 + index) });
		end = appended.head;
		return appended.line;
	});
	writeFileSync(file, lines.join(''));
	writeFileSync(`${file}.head`, encodeSeal(end));
	t.is((await run('verify', file)).stdout, `good: ${file}: 7 entries, the last ${end.hash}\n`);
	const out = place('long.csv');
	t.is((await run('export', file, '--out', out)).stdout, `7 entries written to ${out}\n`);
	t.is(readFileSync(out, 'utf8').split('\r\n').length, 9);
	writeFileSync(file, lines.toSpliced(2, 1, lines[5] as string).join(''));
	t.regex((await run('verify', file)).stdout, /line 3: removed: entry 3 was expected, entry 6 came: entries 3 to 5 are missing/);
	writeFileSync(file, [...lines, lines[1]].join(''));
	t.regex((await run('verify', file)).stdout, /line 8: duplicated: .*the same line stands at line 2/);
});

test.serial('bytes that are no UTF-8 do not pass for the character that stands for them', async (t) => {
	const { line, head: end } = appendEntry(EMPTY_TRAIL, { at: 0, scenario: 's', title: 't', who: 'device', what: 'refused', why: '\ufffd' });
	const file = place('replacement.jsonl');
	writeFileSync(file, line);
	writeFileSync(`${file}.head`, encodeSeal(end));
	t.is((await run('verify', file)).exitCode, 0);
	const bytes = Buffer.from(line);
	const at = bytes.indexOf(Buffer.from('\ufffd'));
	writeFileSync(file, Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)]));
	t.is((await run('verify', file)).exitCode, 1);
});

test.serial('a trail without a seal, and one under a seal of another, is exit 1', async (t) => {
	const file = place('unsealed.jsonl');
	writeFileSync(file, LINES.join(''));
	t.regex((await run('verify', file)).stdout, /unsealed: a seal was expected beside the trail, there is none/);
	writeFileSync(`${file}.head`, encodeSeal(EMPTY_TRAIL));
	const { exitCode, stdout } = await run('verify', file);
	t.is(exitCode, 1);
	t.regex(stdout, /line 1: inserted: 0 entries were sealed, 9 are there/);
});

test.serial('a seal that is kept elsewhere is the one that counts where it is named', async (t) => {
	const file = damaged('resealed.jsonl', '');
	writeFileSync(`${file}.head`, encodeSeal(EMPTY_TRAIL));
	t.is((await run('verify', file)).exitCode, 0);
	t.is((await run('verify', file, '--seal', `${GOOD}.head`)).exitCode, 1);
	t.is((await run('verify', GOOD, '--seal', `${GOOD}.head`)).exitCode, 0);
});

test.serial('the table is written whole, never over a file that is there unless told to', async (t) => {
	const out = place('trail.csv');
	t.like(await run('export', GOOD, '--out', out), { exitCode: 0, stdout: `9 entries written to ${out}\n` });
	const rows = readFileSync(out, 'utf8').split('\r\n');
	t.is(rows.length, 11);
	t.true(rows[1]?.includes(`"'=1+1, ""quoted"""`));
	t.regex((await run('export', GOOD, '--out', out)).stderr, /is there already; --force overwrites it/);
	t.is((await run('export', GOOD, '--out', out, '--force')).exitCode, 0);
	t.is((await run('export', GOOD)).stdout, readFileSync(out, 'utf8'));
});

test.serial('the changelog shows versions over time', async (t) => {
	const { exitCode, stdout } = await run('changelog', GOOD);
	t.is(exitCode, 0);
	t.is(
		stdout,
		['s · t', '  hw-a: 1.1.0 on 3', '    0:00:00 to 0:02:02  3  left the factory with 1.0.0', '    0:06:06 to 0:08:08  3  1.0.0 → 1.1.0', ''].join('\n'),
	);
	t.is(JSON.parse((await run('changelog', GOOD, '--json')).stdout).groups[0].changes.length, 2);
});

const WRONG_USE: readonly (readonly [values: readonly string[], says: RegExp])[] = [
	[[], /one of verify, export or changelog was expected/],
	[['verify'], /Not enough|file/],
	[['verify', place('nowhere.jsonl')], /no such file/],
	[['verify', folder], /not a file but a folder/],
	[['verify', GOOD, '--seal', place('nowhere')], /no such file/],
	[['verify', GOOD, '--seal', 'a', '--seal', 'b'], /--seal: it was given 2 times/],
	[['verify', GOOD, '--nonsense'], /nonsense/],
	[['export', GOOD, '--out', join(folder, 'no', 'folder.csv')], /no such folder/],
	[['burn', GOOD], /one of verify, export or changelog was expected/],
];

for (const [values, says] of WRONG_USE) {
	test.serial(`wrong use says what was expected: audit ${values.join(' ').replaceAll(folder, 'FOLDER')}`, async (t) => {
		const { exitCode, stdout, stderr } = await run(...values);
		t.is(exitCode, 2);
		t.is(stdout, '');
		t.regex(stderr, says);
	});
}
