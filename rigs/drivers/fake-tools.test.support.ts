import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

export interface FakeTools {
	readonly folder: string;
	/** A PATH on which they come first. `$STATE` is `folder`. */
	readonly env: Readonly<Record<string, string>>;
	/** How each was called, in order: a line a call. */
	calls(): Promise<readonly string[]>;
	/** Replaces a tool, or takes it away. */
	install(name: string, script: string | undefined): Promise<void>;
	read(file: string): Promise<string>;
	write(file: string, content: string): Promise<void>;
}

/** Shell scripts under the names of real tools, each of which records how it was called. */
export const installFakeTools = async (t: ExecutionContext, scripts: Readonly<Record<string, string>>): Promise<FakeTools> => {
	const folder = await mkdtemp(join(tmpdir(), 'blackstart-tools-'));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	const bin = join(folder, 'bin');
	await mkdir(bin);
	const install = async (name: string, script: string | undefined): Promise<void> => {
		const file = join(bin, name);
		await rm(file, { force: true });
		if (script === undefined) return;
		await writeFile(file, `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>"$STATE/calls"\n${script}\n`);
		await chmod(file, 0o755);
	};
	for (const [name, script] of Object.entries(scripts)) await install(name, script);
	return {
		folder,
		env: { PATH: `${bin}:/usr/bin:/bin`, STATE: folder },
		calls: async () => (await readFile(join(folder, 'calls'), 'utf8').catch(() => '')).split('\n').slice(0, -1),
		install,
		read: (file) => readFile(join(folder, file), 'utf8'),
		write: (file, content) => writeFile(join(folder, file), content),
	};
};
