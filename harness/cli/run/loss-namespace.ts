import { execFile } from 'node:child_process';
import type { Rung } from '../../scenario/index.js';
import { UsageError } from '../usage-error.js';

/** Segments of their own in place of bundles, so that one dropped packet is what it is on a wire; without that where it is not known. */
const SET_UP = 'ip link set lo mtu 1500 gso_max_segs 1 up 2>/dev/null || ip link set lo mtu 1500 up';
const WITHIN_MS = 10_000;

/** Starts a program in a user and network namespace of its own, root there and nowhere else, whose loopback carries packets as Ethernet does. */
export const inLossNamespace = (program: string, values: readonly string[]): readonly [string, readonly string[]] => [
	'unshare',
	['--user', '--map-root-user', '--net', '/bin/sh', '-c', `{ ${SET_UP}; } && exec "$0" "$@"`, program, ...values],
];

/** A path that begins with what administrators call: npm has an `nft` of another kind. */
export const ADMIN_PATH = `/usr/sbin:/sbin:${process.env.PATH ?? ''}`;

const NEEDED = [
	['unshare', 'util-linux'],
	['ip', 'iproute2'],
	['nft', 'nftables'],
] as const;

/** A table like those of a run: chance, a counter, a verdict. */
const TRIAL = 'nft add table ip t && nft add chain ip t c && nft add rule ip t c numgen random mod 10000 \\< 500 counter drop';

/** Throws a UsageError that says what is missing, where packets are to be really dropped and cannot be here. */
export const requireRealLoss = async (rung: Rung | undefined): Promise<void> => {
	if (rung?.loss !== 'real') return;
	for (const [program, debian] of NEEDED)
		if ((await attempt('/bin/sh', ['-c', `command -v ${program}`])) !== undefined)
			throw new UsageError(`--loss real: ${program} is not here (Debian: apt-get install ${debian})`);
	const namespace = await attempt(...inLossNamespace('/bin/true', []));
	if (namespace !== undefined)
		throw new UsageError(
			`--loss real: this kernel lets nobody but root have a network of their own: ${namespace} (user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns)`,
		);
	const drops = await attempt(...inLossNamespace('/bin/sh', ['-c', TRIAL]));
	if (drops !== undefined) throw new UsageError(`--loss real: this kernel drops no packets at random (nf_tables, nft_numgen): ${drops}`);
};

/** Undefined where it went well; else its first words. */
const attempt = (program: string, values: readonly string[]): Promise<string | undefined> =>
	new Promise((resolve) => {
		execFile(program, [...values], { timeout: WITHIN_MS, env: { ...process.env, PATH: ADMIN_PATH } }, (error, _stdout, stderr) =>
			resolve(error ? stderr.trim().split('\n')[0] || error.message : undefined),
		);
	});
