import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../../text/yaml/index.js';
import { UsageError } from '../usage-error.js';
import type { ListedScenario } from './listing.js';
import { nearestNames } from './nearest-names.js';

/** A case that is known not to pass, whose it is, why, and until when that may be so. */
export interface QuarantinedCase {
	readonly scenario: string;
	readonly title: string;
	readonly owner: string;
	readonly reason: string;
	/** The last day, `2026-12-01`. */
	readonly until: string;
}

const word = z.string().trim().min(1);
const FILE = z.strictObject({
	quarantine: z.array(z.strictObject({ scenario: word, title: word, owner: word, reason: word, until: z.iso.date() })),
});

/** Where the file has another shape altogether, as against an entry that has a mistake. */
const TOP: readonly string[] = ['file', 'quarantine'];
const SHAPE =
	'a file is like this: \'quarantine: [{ scenario: packet-loss, title: "5 % packet loss: every device converges", owner: Dana, reason: no. 12, until: 2026-12-01 }]\'';

/**
 * Reads a quarantine file. Throws a UsageError for what is no such file, for an entry that has expired, and for a title that a
 * scenario of this run does not have; entries of scenarios that are not run are left alone.
 */
export const readQuarantine = (
	path: string,
	{ directory, scenarios, today }: { readonly directory: string; readonly scenarios: readonly ListedScenario[]; readonly today: string },
): readonly QuarantinedCase[] => {
	const { quarantine } = readYaml(readText(path, directory), {
		schema: FILE,
		whole: 'file',
		check: () => [],
		fail: ([first]) => {
			if (first === undefined) return new UsageError(`--quarantine: ${path}`);
			const shape = TOP.includes(first.key) ? `; ${SHAPE}` : '';
			return new UsageError(`--quarantine: ${path}:${first.line}: ${first.key}: ${first.message}${shape}`);
		},
	});
	return quarantine.filter((entry) => {
		const { scenario, title, owner, until } = entry;
		if (until < today)
			throw new UsageError(`--quarantine: ${path}: '${scenario}: ${title}' of ${owner} was to be over by ${until}; repair it, or give it another day`);
		const listed = scenarios.find(({ name }) => name === scenario);
		if (listed === undefined) return false;
		const titles = listed.cases.map((one) => one.title);
		if (titles.includes(title)) return true;
		const near = nearestNames(title, titles);
		throw new UsageError(`--quarantine: ${path}: ${scenario} has no case '${title}'${near.length > 0 ? `; did you mean '${near[0]}'?` : ''}`);
	});
};

const readText = (path: string, directory: string): string => {
	try {
		return readFileSync(resolve(directory, path), 'utf8');
	} catch (cause) {
		throw new UsageError(`--quarantine: ${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
	}
};
