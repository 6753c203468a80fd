import { register } from 'node:module';
import { collectScenarios, type ScenarioDefinition } from '../../scenario/index.js';

/** The catalogue of this package as it is built: it imports by path, and nothing in TypeScript. */
const CATALOGUE = new URL('../../../scenarios/', import.meta.url).href;

let hooked = false;

/** Imports the scenario file at `url` and returns the cases it declares. From a user's file `blackstart` and TypeScript are importable. */
export const loadScenarios = (url: string): Promise<readonly ScenarioDefinition[]> => {
	// Hooks are a thread of their own, which costs a process of the catalogue a quarter of its start.
	if (!hooked && !url.startsWith(CATALOGUE)) {
		register(new URL('./hooks.js', import.meta.url));
		hooked = true;
	}
	return collectScenarios(() => import(url));
};
