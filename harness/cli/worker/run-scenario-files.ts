import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CollectedFile, registerScenarios } from '../../scenario/index.js';
import { createFileHost } from './file-host.js';
import { loadScenarios } from './load-scenarios.js';
import { partialProcess } from './partial-files.js';
import { readPlan } from './plan.js';

/** Loads the scenario files of the plan's process of that name and hands their cases to AVA. The whole life of an AVA worker of a run. */
export const runScenarioFiles = async (name: string): Promise<void> => {
	const plan = readPlan();
	const planned = plan.processes.find((process) => process.name === name);
	if (!planned) throw new TypeError(`the plan has no process '${name}'`);
	writeFileSync(join(plan.folder, partialProcess(name)), String(process.pid));
	// Orphans must not burn on: with the runner gone, nobody reads what they find.
	process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
	process.chdir(plan.directory);
	const { default: test } = await import('ava');
	const files: CollectedFile[] = [];
	for (const scenario of planned.scenarios) {
		const definitions = await loadScenarios(scenario.url);
		files.push({
			definitions,
			host: createFileHost(plan, scenario),
			...(scenario.slugs ? { slugs: scenario.slugs } : {}),
			...(scenario.board === undefined ? {} : { board: scenario.board }),
		});
	}
	registerScenarios(test, files);
};
