import { register } from 'node:module';
import { collectScenarios, type ScenarioDefinition } from '../../scenario/index.js';

/** Makes `blackstart` and TypeScript importable in this process. Called once, before the first scenario file. */
export const registerHooks = (): void => {
	register(new URL('./hooks.js', import.meta.url));
};

/** Imports the scenario file at `url` and returns the cases it declares. */
export const loadScenarios = (url: string): Promise<readonly ScenarioDefinition[]> => collectScenarios(() => import(url));
