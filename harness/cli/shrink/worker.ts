import type { ScenarioDefinition } from '../../scenario/index.js';
import { provideTargets } from '../composition.js';
import { readOptions } from '../worker/file-host.js';
import { loadScenarios } from '../worker/load-scenarios.js';
import type { CandidateTask } from './candidate-task.js';
import type { CandidateResult } from './collect-candidate.js';
import { runCandidate } from './run-candidate.js';

// A process of its own, which runs one candidate after another: the modules that take long to load are loaded once.

const loaded = new Map<string, Promise<readonly ScenarioDefinition[]>>();

const run = async (task: CandidateTask): Promise<CandidateResult> => {
	if ('planFile' in task) return (await import('../campaign/index.js')).runCampaignCandidate(task, { directory: process.cwd() });
	const { plan, scenario, url, title, reduction } = task;
	const definitions = loaded.get(url) ?? loadScenarios(url);
	loaded.set(url, definitions);
	const definition = (await definitions).find((one) => one.title === title);
	if (definition === undefined) throw new RangeError(`title: a case of ${scenario} was expected, got '${title}'`);
	// While it runs, the channel must not keep alive a process that has nothing left to do: that is how such a case is found out.
	process.channel?.unref();
	try {
		return await runCandidate(definition, { scenario, seed: plan.seed, options: readOptions(plan), reduction });
	} finally {
		process.channel?.ref();
	}
};

await provideTargets();
process.on('message', (task: CandidateTask) => {
	void run(task).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Whoever is at the terminal talks to the parent, which ends this one.
process.on('SIGINT', () => {});
