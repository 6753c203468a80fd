import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';
import { findPackageRoot } from '../package-root.js';
import { measureUsage, type Usage } from './usage.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const SEED = '1';

interface ToldSweep {
	readonly verdict: string;
	readonly cuts: number;
	readonly overheadRatio: number;
	readonly cutsPerMinute: number;
	readonly aim: { readonly medianMs: number; readonly worstMs: number };
}

/** A sweep of one virtual board, in real time, as a person starts it. Throws where it does not pass. */
export const measureSweep = async (cuts: number): Promise<{ readonly devices: number; readonly usage: Usage; readonly notes: readonly string[] }> => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-bench-'));
	try {
		const rig = join(findPackageRoot(), 'rigs/virtual.yaml');
		const { result, usage } = await measureUsage(async () => {
			const args = ['sweep', '--rig', rig, '--board', 'virtual-1', '--cuts', String(cuts), '--seed', SEED, '--json', '--out', join(folder, 'out')];
			const { stdout } = await execaNode(MAIN, args, { stdin: 'ignore', stderr: 'ignore' });
			return JSON.parse(stdout) as ToldSweep;
		});
		const { overheadRatio, cutsPerMinute, aim } = result;
		return {
			devices: 1,
			usage,
			notes: [
				`${cutsPerMinute.toFixed(1)} cuts a minute; ${(100 * overheadRatio).toFixed(1)} % of the time is neither boot nor update nor time without power of the board (aim: under 15 %)`,
				`from plan to command: median ${aim.medianMs.toFixed(1)} ms, worst ${aim.worstMs.toFixed(1)} ms`,
			],
		};
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
};
