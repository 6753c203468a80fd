import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { CampaignState, CampaignStore } from '../../campaign/index.js';
import { UsageError } from '../usage-error.js';

/** Keeps a campaign's state in a JSON file, whole whenever the process is killed: written beside it, then renamed into its place. */
export const createFileStore = (path: string): CampaignStore => ({
	load: () => {
		let text: string;
		try {
			text = readFileSync(path, 'utf8');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
			throw error;
		}
		return parseState(text, path);
	},
	save: (state) => {
		const beside = `${path}.partial`;
		const file = openSync(beside, 'w');
		try {
			const bytes = Buffer.from(JSON.stringify(state));
			for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
		renameSync(beside, path);
	},
});

const parseState = (text: string, path: string): CampaignState => {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		throw new UsageError(`${path}: the JSON state of a campaign was expected`, { cause });
	}
	if (typeof value !== 'object' || value === null || typeof Reflect.get(value, 'planDigest') !== 'string' || !Array.isArray(Reflect.get(value, 'waves')))
		throw new UsageError(`${path}: the JSON state of a campaign was expected`);
	return value as CampaignState;
};
