import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../../rigs/leases/index.js';

const PREFIX = 'blackstart-rig-';
const OWNER = 'owner.json';

/** A folder that goes with what this process does with a rig. */
export interface ScratchFolder extends Disposable {
	readonly path: string;
}

/** Makes one, and removes those of processes that are provably gone: whoever is killed cannot clean up. */
export const openScratchFolder = async (): Promise<ScratchFolder> => {
	const { identifyProcess, stateOfProcess } = await import('../../../rigs/leases/index.js');
	for (const name of readdirSync(tmpdir())) {
		const path = join(tmpdir(), name);
		const owner = name.startsWith(PREFIX) ? readOwner(path) : undefined;
		if (owner !== undefined && stateOfProcess(owner) === 'dead') rmSync(path, { recursive: true, force: true });
	}
	const path = mkdtempSync(join(tmpdir(), PREFIX));
	writeFileSync(join(path, OWNER), JSON.stringify(identifyProcess()));
	return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

/** Undefined where nobody can be told: a folder just made, or somebody else's. */
const readOwner = (path: string): ProcessIdentity | undefined => {
	try {
		const { pid, startTicks, bootId, pidNamespace } = JSON.parse(readFileSync(join(path, OWNER), 'utf8')) as Partial<ProcessIdentity>;
		return pid === undefined || startTicks === undefined || bootId === undefined || pidNamespace === undefined
			? undefined
			: { pid, startTicks, bootId, pidNamespace };
	} catch {
		return undefined;
	}
};
