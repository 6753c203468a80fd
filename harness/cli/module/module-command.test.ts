import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { askBlackstart, makeFolder, readEvents, refusalOf } from '../blackstart.test.support.js';
import { findPackageRoot } from '../package-root.js';

const EXPLORE = ['explore', '--module', 'boot.wasm', '--layout', 'layout.yaml', '--from', 'v1.bin', '--to', 'v2.bin'];
const SAMPLE = join(findPackageRoot(), 'simulators/module');

test.serial('module init writes a bootloader that explore closes without a finding', async (t) => {
	const folder = makeFolder(t, {});
	const init = await askBlackstart(folder, ['module', 'init', 'mine']);
	t.is(init.exitCode, 0, init.stderr);
	t.regex(init.stdout, /blackstart explore --module boot\.wasm --layout layout\.yaml --from v1\.bin --to v2\.bin/);
	const mine = join(folder, 'mine');
	t.true((statSync(join(mine, 'build.sh')).mode & 0o111) !== 0, 'the build script can be run');
	const explored = await askBlackstart(mine, [...EXPLORE, '--json', '--out', 'run']);
	t.is(explored.exitCode, 0, explored.stderr);
	const { closed, findings, states } = JSON.parse(explored.stdout);
	t.deepEqual({ closed, findings, hasStates: states > 500 }, { closed: true, findings: [], hasStates: true });
	t.is(readEvents(join(mine, 'run')).at(-1)?.kind, 'run-ended');
	t.true(existsSync(join(mine, 'run/junit.xml')));
});

test.serial('a broken module is found, and its case replays with every operation', async (t) => {
	const folder = makeFolder(t, {});
	await askBlackstart(folder, ['module', 'init', '.']);
	writeFileSync(join(folder, 'boot.wasm'), readFileSync(join(SAMPLE, 'broken/single-record/boot.wasm')));
	const explored = await askBlackstart(folder, [...EXPLORE, '--depth', '1', '--json']);
	t.is(explored.exitCode, 1, explored.stderr);
	const { findings } = JSON.parse(explored.stdout) as { readonly findings: readonly { readonly class: string; readonly case: string }[] };
	const line = findings.find((finding) => finding.class === 'never-boots')?.case ?? '';
	t.regex(line, /^explore\/module:module=boot\.wasm@[0-9a-f]{12}:layout=layout\.yaml@[0-9a-f]{12}:from=v1\.bin@/);
	const again = await askBlackstart(folder, ['replay', line]);
	t.is(again.exitCode, 1, again.stderr);
	t.regex(again.stdout, /erase 0x0\+1024 {3}<- power goes, after/);
	t.regex(again.stdout, /no record: a part that was never provisioned \| slot a: no valid image/);
	writeFileSync(join(folder, 'boot.wasm'), readFileSync(join(SAMPLE, 'sample/boot.wasm')));
	const changed = await askBlackstart(folder, ['replay', line]);
	t.is(changed.exitCode, 2);
	t.regex(changed.stderr, /case: module=boot\.wasm has changed since/);
});

test.serial('a walk in which the update is never carried out proves nothing, and says so', async (t) => {
	const folder = makeFolder(t, { 'old.bin': new Uint8Array(1000).fill(7) });
	await askBlackstart(folder, ['module', 'init', '.']);
	const { exitCode, stdout, stderr } = await askBlackstart(folder, [...EXPLORE.with(8, 'old.bin'), '--out', 'run']);
	t.is(exitCode, 4, stderr);
	t.regex(stdout, /^NO PROOF: the update was never carried out/m);
	t.notRegex(stdout, /no brick/);
});

test.serial('module init leaves a folder alone that has one of its files', async (t) => {
	const folder = makeFolder(t, { 'mine/boot.c': 'int mine;\n' });
	t.regex(await refusalOf(t, folder, ['module', 'init', 'mine']), /module init: mine: a folder without these files was expected, it has boot\.c/);
	t.deepEqual(readdirSync(join(folder, 'mine')), ['boot.c']);
	t.is(readFileSync(join(folder, 'mine/boot.c'), 'utf8'), 'int mine;\n');
});

const WRONG: readonly { readonly what: string; readonly values: readonly string[]; readonly says: RegExp }[] = [
	{ what: 'no layout', values: ['explore', '--module', 'boot.wasm'], says: /--layout: the layout of its flash was expected with --module/ },
	{ what: 'no bootloader at all', values: ['explore'], says: /--bootloader: .*or --module with a file/ },
	{ what: 'a layout without a module', values: ['explore', '--bootloader', 'ab', '--layout', 'layout.yaml'], says: /--layout: it goes with --module/ },
	{ what: 'sectors beside a layout', values: [...EXPLORE, '--sectors', '8'], says: /--sectors: it does not go with --module/ },
	{ what: 'a module that is none', values: EXPLORE.with(2, 'v1.bin'), says: /--module: v1\.bin: module: WebAssembly was expected/ },
	{ what: 'a layout that is none', values: EXPLORE.with(4, 'boot.c'), says: /boot\.c:\d+: layout: / },
	{ what: 'one image for both', values: EXPLORE.with(8, 'v1.bin'), says: /--to: an image other than v1\.bin was expected/ },
	{ what: 'an image larger than its slot', values: EXPLORE.with(8, 'large.bin'), says: /--to: 1 to 4096 bytes were expected/ },
	{ what: 'module alone', values: ['module'], says: /module: init was expected/ },
	{ what: 'module init nowhere', values: ['module', 'init'], says: /module init: a folder to write into was expected/ },
];

test.serial('wrong use names the flag and what was expected', async (t) => {
	const folder = makeFolder(t, { 'large.bin': new Uint8Array(5000) });
	await askBlackstart(folder, ['module', 'init', '.']);
	for (const { what, values, says } of WRONG) {
		t.regex(await refusalOf(t, folder, values), says, what);
	}
});
