import type { TestFn } from 'ava';
import { titleSlugs } from './case-text.js';
import { encodeCell } from './cell.js';
import type { ScenarioHost } from './host.js';
import { runCase } from './run-case.js';
import type { ScenarioDefinition } from './scenario.js';
import { findTarget, nameOfBoard } from './target.js';

/** The cases of one scenario file, and where what comes of them goes. */
export interface CollectedFile {
	readonly definitions: readonly ScenarioDefinition[];
	readonly host: ScenarioHost;
	/** The cases to run; default all. */
	readonly slugs?: readonly string[];
	/** Board of a rig that they run on; default the target provided last that has what each needs. */
	readonly board?: string;
}

/**
 * Turns the cases of scenario files into AVA tests, one after another. Targets are chosen here, so that an unmet need is AVA's
 * own skip. Must be called once in a process, for AVA takes no more tests once it has begun.
 */
export const registerScenarios = (test: TestFn, files: readonly CollectedFile[]): void => {
	// AVA goes on when it believes a test has ended, which may be before its case is closed: cases wait for each other themselves.
	let previous: Promise<unknown> = Promise.resolve();
	for (const { definitions, host, slugs: wanted, board } of files) {
		const { scenario } = host;
		const slugs = titleSlugs(definitions.map(({ title }) => title));
		const chosen = definitions
			.map((definition, index) => ({ definition, slug: slugs[index] ?? '' }))
			.filter(({ slug }) => wanted === undefined || wanted.includes(slug));
		host.write({ kind: 'scenario-registered', scenario, titles: chosen.map(({ definition }) => definition.title) });
		for (const { definition, slug } of chosen) {
			const { title, options } = definition;
			const found = whyWhole(definition, host) ?? findTarget(options.needs, { board });
			if ('reason' in found) {
				host.write({ kind: 'scenario-skipped', scenario, title, target: board === undefined ? 'none' : nameOfBoard(board), reason: found.reason });
				test.serial.skip(`${scenario}: ${title}`, () => {});
				continue;
			}
			test.serial(`${scenario}: ${title}`, async () => {
				const running = previous.then(() => runCase(definition, { host, target: found.target, slug }));
				previous = running.catch(() => {});
				const { verdict, reason } = await running;
				if (verdict !== 'passed' && verdict !== 'skipped') throw new Error(`${verdict}: ${reason}`);
			});
		}
		host.flush();
	}
};

/** Why the case cannot be run on a part of its fleet, where only that is wanted. */
const whyWhole = ({ options }: ScenarioDefinition, { options: { reduction } }: ScenarioHost): { readonly reason: string } | undefined =>
	reduction?.cell === undefined || options.independent === true
		? undefined
		: { reason: `its devices meet, for it is not marked independent: it needs the whole fleet, not cell ${encodeCell(reduction.cell)}` };
