import type { TestFn } from 'ava';
import { titleSlugs } from './case-text.js';
import type { ScenarioHost } from './host.js';
import { runCase } from './run-case.js';
import type { ScenarioDefinition } from './scenario.js';
import { findTarget } from './target.js';

/**
 * Turns the cases of one scenario file into AVA tests, one after another. Targets are chosen here, so that an unmet need is
 * AVA's own skip. `slugs`: the cases to run; default all.
 */
export const registerScenarios = (
	test: TestFn,
	definitions: readonly ScenarioDefinition[],
	{ host, slugs: wanted }: { host: ScenarioHost; slugs?: readonly string[] },
): void => {
	const { scenario } = host;
	const slugs = titleSlugs(definitions.map(({ title }) => title));
	const chosen = definitions
		.map((definition, index) => ({ definition, slug: slugs[index] ?? '' }))
		.filter(({ slug }) => wanted === undefined || wanted.includes(slug));
	host.write({ kind: 'scenario-registered', scenario, titles: chosen.map(({ definition }) => definition.title) });
	// AVA goes on when it believes a test has ended, which may be before its case is closed: cases wait for each other themselves.
	let previous: Promise<unknown> = Promise.resolve();
	for (const { definition, slug } of chosen) {
		const { title, options } = definition;
		const found = findTarget(options.needs);
		if ('reason' in found) {
			host.write({ kind: 'scenario-skipped', scenario, title, target: 'none', reason: found.reason });
			test.serial.skip(title, () => {});
			continue;
		}
		test.serial(title, async () => {
			const running = previous.then(() => runCase(definition, { host, target: found.target, slug }));
			previous = running.catch(() => {});
			const { verdict, reason } = await running;
			if (verdict !== 'passed') throw new Error(`${verdict}: ${reason}`);
		});
	}
	host.flush();
};
