import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface WantedQemu {
	/** Name of the program: `qemu-system-aarch64`. */
	readonly program: string;
	/** Names another program than the one on the path. */
	readonly variable: string;
	readonly leastVersion: number;
	/** Why so new. */
	readonly because: string;
}

export type FoundQemu = { readonly path: string } | { readonly reason: string };

const VERSION_WITHIN_MS = 10_000;
/** Where `fetch-qemu.sh` unpacks one that is newer than the system's. */
const UNPACKED = 'blackstart/qemu/root/usr/bin';

/** The program that the variable names, else that of the path, else the one that `fetch-qemu.sh` fetched: the first that is new enough, or why there is none. */
export const findQemu = async ({ program, variable, leastVersion, because }: WantedQemu): Promise<FoundQemu> => {
	const named = process.env[variable];
	const fetched = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), UNPACKED, program);
	let old: string | undefined;
	for (const path of named === undefined ? [program, fetched] : [named]) {
		const version = await versionOf(path);
		if (version === null) continue;
		if (Number.parseInt(version, 10) >= leastVersion) return { path };
		old ??= `${path} ${leastVersion} or newer was expected, ${version} is here: ${because} (Debian 12: simulators/qemu-board/fetch-qemu.sh)`;
	}
	return { reason: old ?? `${named ?? program} is not here (Debian: apt-get install qemu-system-arm)` };
};

const versionOf = async (path: string): Promise<string | null> => {
	const told = await new Promise<string | null>((resolve) => {
		execFile(path, ['--version'], { timeout: VERSION_WITHIN_MS }, (error, stdout) => resolve(error === null ? stdout : null));
	});
	return told === null ? null : (/version (\d+\.\S+)/.exec(told)?.[1] ?? '0');
};
