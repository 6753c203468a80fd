import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { registerScenarios } from '../../scenario/index.js';
import { createFileHost } from './file-host.js';
import { loadScenarios } from './load-scenarios.js';
import { partialProcess } from './partial-files.js';
import { readPlan } from './plan.js';

/** Loads the plan's scenario file of that name and hands its cases to AVA. The whole life of an AVA worker of a run. */
export const runScenarioFile = async (name: string): Promise<void> => {
	const plan = readPlan();
	const planned = plan.scenarios.find((scenario) => scenario.name === name);
	if (!planned) throw new TypeError(`the plan has no scenario '${name}'`);
	writeFileSync(join(plan.folder, partialProcess(name)), String(process.pid));
	// Orphans must not burn on: with the runner gone, nobody reads what they find.
	process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
	process.chdir(plan.directory);
	const { default: test } = await import('ava');
	const definitions = await loadScenarios(planned.url);
	registerScenarios(test, definitions, { host: createFileHost(plan, planned), ...(planned.slugs ? { slugs: planned.slugs } : {}) });
};
