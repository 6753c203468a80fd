import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';

/** All that is loaded before a run writes its first line: the modules imported at the head of these, and at the head of those. */
const BEFORE_THE_FIRST_LINE = ['../main.js', '../run-command.js', './report-run.js'];
const IMPORTS = /^(?:import|export) [^'"]*?from '([^']+)';|^import '([^']+)';/gm;

test('before a run has its first line, no package is loaded but those that read the command line and check the JUnit report', (t) => {
	const seen = new Set<string>();
	const packages = new Set<string>();
	const visit = (url: URL): void => {
		if (seen.has(url.href)) return;
		seen.add(url.href);
		for (const [, from, alone] of readFileSync(fileURLToPath(url), 'utf8').matchAll(IMPORTS)) {
			const name = from ?? alone ?? '';
			if (name.startsWith('.')) visit(new URL(name, url));
			else if (!name.startsWith('node:')) packages.add(name);
		}
	};
	for (const path of BEFORE_THE_FIRST_LINE) visit(new URL(path, import.meta.url));
	t.deepEqual([...packages].sort(), ['@rgrove/parse-xml', 'yargs']);
	const rooms = [...seen].map((url) => /\/build\/(\w+\/\w+)/.exec(url)?.[1] ?? url);
	t.deepEqual([...new Set(rooms.filter((room) => /^(simulators|rigs|scenarios)/.test(room)))], []);
});
