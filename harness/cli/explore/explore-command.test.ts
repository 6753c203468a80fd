import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parseEventLog } from '../../events/index.js';
import { askBlackstart, makeFolder, readVerdicts, refusalOf } from '../blackstart.test.support.js';
import { createExplorerKey, generateImage } from './generated-images.js';

const vector = (name: string): string => fileURLToPath(new URL(`../../../../harness/firmware/vectors/${name}.bin`, import.meta.url));

const SMALL = ['--sectors', '3', '--sector-size', '512', '--write-size', '4'];

test.serial('a bootloader that closes clean is exit code 0, with one JSON object, events and JUnit', async (t) => {
	const folder = makeFolder(t, {});
	const { exitCode, stdout, stderr } = await askBlackstart(folder, ['explore', '--bootloader', 'ab', ...SMALL, '--json', '--out', 'run']);
	t.is(exitCode, 0, stderr);
	t.like(JSON.parse(stdout), { closed: true, tears: 'L0', cycles: 'unlimited', limits: {}, findings: [], knownLimits: [], frontier: 0 });
	t.regex(stderr, /^closed: [\d,]+ states, [\d,]+ cuts, no brick$/m);
	t.regex(stderr, /^ {2}update +2 operations +N >= 2, then 1 boot$/m);
	t.like(JSON.parse(stdout), { uptime: [{ phase: 'update', operations: 2, leastUptime: 2, boots: 1 }, { phase: 'return' }] });
	const events = parseEventLog(readFileSync(join(folder, 'run', 'events.jsonl'), 'utf8'));
	for (const kind of ['explorer-depths', 'explorer-cut-map', 'explorer-uptime']) t.is(events.filter((event) => event.kind === kind).length, 1);
	t.deepEqual(readVerdicts(join(folder, 'run')), { 'explore: ab: 3 sectors of 512 bytes, tears L0': 'passed' });
	t.regex(readFileSync(join(folder, 'run', 'junit.xml'), 'utf8'), /tests="1" failures="0"/);
});

test.serial('a walk on two threads leaves the same events, byte for byte, and the same cases as one on its own', async (t) => {
	const folder = makeFolder(t, {});
	const walk = async (jobs: string) => {
		const values = ['explore', '--bootloader', 'esp-otadata', '--sectors', '6', '--sector-size', '8192', '--jobs', jobs, '--json', '--out', jobs];
		const { stdout, stderr } = await askBlackstart(folder, values);
		const { knownLimits, states, cuts } = JSON.parse(stdout) as { readonly knownLimits: readonly unknown[]; readonly states: number; readonly cuts: number };
		t.true(knownLimits.length > 0, stderr);
		// The first line says when it was, and the last how long it took.
		const [, ...events] = readFileSync(join(folder, jobs, 'events.jsonl'), 'utf8')
			.replace(/"wallMs":[\d.]+/, '')
			.split('\n');
		return { knownLimits, states, cuts, events };
	};
	t.deepEqual(await walk('2'), await walk('1'));
});

test.serial('a limit that ends the walk is exit code 4, and its words cannot be taken for a proof', async (t) => {
	const folder = makeFolder(t, {});
	const { exitCode, stdout } = await askBlackstart(folder, ['explore', '--bootloader', 'ab', ...SMALL, '--max-states', '60', '--out', 'run']);
	t.is(exitCode, 4);
	t.regex(stdout, /^NOT closed, no proof: --max-states was reached with [\d,]+ known situations never visited/m);
	t.notRegex(stdout, /^closed/m);
	t.regex(Object.values(readVerdicts(join(folder, 'run')))[0] ?? '', /^inconclusive: NOT closed/);
});

test.serial('what the real bootloader breaks too is a finding to the strict alone, and its case replays', async (t) => {
	const folder = makeFolder(t, {});
	const values = ['explore', '--bootloader', 'esp-otadata', '--sectors', '3', '--json'];
	const lenient = await askBlackstart(folder, values);
	t.is(lenient.exitCode, 0, lenient.stderr);
	const { knownLimits } = JSON.parse(lenient.stdout) as { readonly knownLimits: readonly { readonly name: string; readonly case: string }[] };
	t.true(knownLimits.some(({ name }) => name === 'rewritten-entry'));
	const strict = await askBlackstart(folder, [...values, '--strict']);
	t.is(strict.exitCode, 1);
	t.like(JSON.parse(strict.stdout), { closed: true, knownLimits: [] });
	const rewritten = knownLimits.find(({ name }) => name === 'rewritten-entry')?.case ?? '';
	const replayed = await askBlackstart(folder, ['replay', rewritten]);
	t.is(replayed.exitCode, 1);
	t.regex(replayed.stdout, /power goes/);
	t.regex(replayed.stdout, /^the failure came back: update-not-taken$/m);
	const longer = rewritten.replace('steps=', 'steps=erase,acknowledge,reset,boot,');
	const shrunk = await askBlackstart(folder, ['replay', longer, '--shrink', '--json']);
	t.is(shrunk.exitCode, 1, shrunk.stderr);
	const { case: smaller, cuts, minimal } = (JSON.parse(shrunk.stdout) as { readonly shrunk: { case: string; cuts: number; minimal: boolean } }).shrunk;
	t.deepEqual([cuts, minimal], [1, true]);
	t.true(smaller.split(',').length <= rewritten.split(',').length, smaller);
	t.regex(shrunk.stderr, /^shrunk from 1 power loss in \d+ steps to 1 power loss in \d+ steps/m);
	t.is((await askBlackstart(folder, ['replay', smaller])).exitCode, 1);
	const harmless = await askBlackstart(folder, ['replay', rewritten.replace(/steps=.*/, 'steps=write-1,trial,reset,boot')]);
	t.is(harmless.exitCode, 0, harmless.stderr);
});

test.serial('a part of unequal sectors that is written once is walked, its case replays, and what was found is made smaller', async (t) => {
	const folder = makeFolder(t, {});
	const part = ['--sectors', '2', '--sector-size', '512', '--more-sectors', '1x1024', '--write-size', '4', '--write-once'];
	const walk = ['explore', '--bootloader', 'esp-otadata', ...part, '--cycles', '1', '--shrink', '--json'];
	const { exitCode, stdout, stderr } = await askBlackstart(folder, walk);
	t.is(exitCode, 0, stderr);
	t.regex(stderr, /slots of 2 sectors of 512 and 1 of 1024 bytes, written once, writes of 4/);
	t.regex(stderr, /^closed: .*, no brick but for 3 known limits of the real one$/m);
	const told = JSON.parse(stdout) as {
		readonly knownLimits: readonly { readonly name: string; readonly case: string; readonly shrunk: { readonly case: string } }[];
	};
	t.true(told.knownLimits.length === 3 && told.knownLimits.every(({ shrunk }) => shrunk.case.startsWith('explore/')));
	const rewritten = told.knownLimits.find(({ name }) => name === 'rewritten-entry');
	t.regex(rewritten?.case ?? '', /:sectors=2:sector-size=512:more-sectors=1x1024:write-size=4:write-once=yes:images=old-fills:tears=L0:cycles=1:/);
	t.is((await askBlackstart(folder, ['replay', rewritten?.shrunk.case ?? ''])).exitCode, 1);
});

test.serial('images of the user are walked, and a case of theirs refuses other bytes', async (t) => {
	const image = (version: number, sizeBytes: number) => generateImage({ version, sizeBytes, securityCounter: 1, key: createExplorerKey() }).bytes;
	const folder = makeFolder(t, { 'v1.bin': image(1, 1000), 'v2.bin': image(2, 700) });
	const values = ['explore', '--bootloader', 'esp-otadata', ...SMALL, '--from', 'v1.bin', '--to', 'v2.bin', '--json'];
	const { exitCode, stdout, stderr } = await askBlackstart(folder, values);
	t.is(exitCode, 0, stderr);
	const [limit] = (JSON.parse(stdout) as { readonly knownLimits: readonly { readonly case: string }[] }).knownLimits;
	t.is((await askBlackstart(folder, ['replay', limit?.case ?? ''])).exitCode, 1);
	writeFileSync(join(folder, 'v2.bin'), image(3, 700));
	const changed = await askBlackstart(folder, ['replay', limit?.case ?? '']);
	t.is(changed.exitCode, 2);
	t.regex(changed.stderr, /to=v2\.bin has changed since/);
});

test.serial('wrong use is exit code 2 and names the flag', async (t) => {
	const folder = makeFolder(t, { 'big.bin': new Uint8Array(64) });
	const rows: readonly (readonly [readonly string[], RegExp])[] = [
		[['explore'], /--bootloader: the name of a bootloader was expected/],
		[['explore', '--bootloader', 'mcuboot-swap-mov'], /did you mean mcuboot-swap-move/],
		[['explore', '--bootloader', 'ab', '--tears', 'L9'], /--tears: one of L0, L1, L2, L3, L4 was expected/],
		[['explore', '--sweep', '--sectors', '3'], /--sectors: it does not go with --sweep/],
		[['explore', '--bootloader', 'ab', '--more-sectors', '2*64'], /--more-sectors: sectors like 2x8192 or 2x8192\+1x65536 were expected, got '2\*64'/],
		[['explore', '--bootloader', 'avr-board', '--write-once'], /--write-once: it does not go with avr-board/],
		[['explore', '--bootloader', 'ab', '--images', 'nice'], /--images: one of old-fills, /],
		[['explore', '--bootloader', 'ab', '--write-size', '3'], /--write-size: 1, 2, 4, 8, 16 or 32/],
		[['explore', '--bootloader', 'ab', '--sectors', '1', '--sector-size', '64'], /--sectors: /],
		[['explore', '--bootloader', 'ab', '--from', 'big.bin', '--to', 'big.bin'], /--from: big\.bin is no MCUboot image/],
		[
			['explore', '--bootloader', 'ab', '--from', vector('ed-plain'), '--to', vector('c-payload-bit')],
			/--to: .*c-payload-bit\.bin: .*SHA256: the image's digest is/,
		],
		[['replay', 'explore/ab:sectors=3'], /case: tears= was expected/],
		[['replay', 'explore/ab:sectors=3:sector-size=512:write-size=4:images=old-fills:tears=L0:cycles=1:steps=boot'], /case: steps: step 1 cannot be done there/],
	];
	for (const [values, message] of rows) {
		t.regex(await refusalOf(t, folder, values), message);
	}
});
