import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerPlan } from '../worker/plan.js';

/** A folder that AVA takes for a project, although the scenario files lie wherever they lie. */
export interface AvaProject {
	readonly folder: string;
	readonly config: string;
	readonly plan: string;
}

export interface AvaOptions {
	readonly plan: WorkerPlan;
	/** Processes at a time. */
	readonly jobs: number;
	/** For the objects of each, where Node's own limit is too near. */
	readonly heapMib: number | undefined;
}

/**
 * Writes the project: AVA finds tests below its project's folder and nowhere under node_modules, so each process gets a small
 * entry that imports the real scenario files by their URLs.
 */
export const writeAvaProject = (folder: string, { plan, jobs, heapMib }: AvaOptions): AvaProject => {
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(join(folder, 'entries'), { recursive: true });
	const config = join(folder, 'ava.config.mjs');
	const planFile = join(folder, 'plan.json');
	writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
	writeFileSync(planFile, JSON.stringify(plan));
	writeFileSync(config, encodeConfig({ jobs, heapMib }));
	writeFileSync(join(folder, 'preload.mjs'), encodePreload());
	for (const { name } of plan.processes) {
		const entry = `import { runScenarioFiles } from ${JSON.stringify(urlOf('../worker/run-scenario-files.js'))};\nawait runScenarioFiles(${JSON.stringify(name)});\n`;
		writeFileSync(join(folder, 'entries', `${name}.mjs`), entry);
	}
	return { folder, config, plan: planFile };
};

/** No timeout of AVA's: it would end every file at once; the runner watches each scenario itself. */
const encodeConfig = ({ jobs, heapMib }: Omit<AvaOptions, 'plan'>): string =>
	`import { observeAva } from ${JSON.stringify(urlOf('../worker/observe-ava.js'))};
export default {
	files: ['entries/*.mjs'],
	workerThreads: false,
	failWithoutAssertions: false,
	cache: false,
	timeout: 0,
	concurrency: ${jobs},
	utilizeParallelBuilds: false,
	nodeArguments: ${JSON.stringify(heapMib === undefined ? [] : [`--max-old-space-size=${heapMib}`])},
	require: ['./preload.mjs'],
	sortTestFiles: (one, other) => (one < other ? -1 : 1),
	nonSemVerExperiments: { observeRunsFromConfig: true },
	observeRun: observeAva,
};
`;

const encodePreload = (): string =>
	`import { provideTargets } from ${JSON.stringify(urlOf('../composition.js'))};
await provideTargets();
`;

const urlOf = (path: string): string => new URL(path, import.meta.url).href;
