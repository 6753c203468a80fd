import { assertCapabilities, type Capability } from './capability.js';
import type { ScenarioContext } from './context.js';

export interface ScenarioOptions {
	/** What the target must have; a target that lacks it skips the scenario with the reason. */
	readonly needs: readonly Capability[];
	/**
	 * True where no device's fate depends on another's, so that the fleet may be cut into cells (`--shard`). Such a scenario draws
	 * each device's chance from a stream of the device's own and waits for no number of devices, but for `ready` and at its end
	 * for `settle`. Default false.
	 */
	readonly independent?: boolean;
}

/** One case of a scenario file. */
export interface ScenarioDefinition {
	readonly title: string;
	readonly options: ScenarioOptions;
	readonly run: (context: ScenarioContext) => Promise<void>;
}

const COLLECTION = Symbol.for('blackstart.scenarios');
const MAX_TITLE_LENGTH = 200;

/**
 * Declares a promise about updates and how it is put to the test. Called at the top of a scenario file, once for each case;
 * titles are unique in a file, one line, at most 200 characters.
 */
export const scenario = (title: string, options: ScenarioOptions, run: (context: ScenarioContext) => Promise<void>): void => {
	if (typeof title !== 'string' || title.trim() !== title || title === '' || title.length > MAX_TITLE_LENGTH || /\p{Cc}/u.test(title)) {
		throw new TypeError(
			`scenario(title): one line of 1 to ${MAX_TITLE_LENGTH} characters without space at its ends was expected, got ${JSON.stringify(title)}`,
		);
	}
	if (!Array.isArray(options?.needs)) throw new TypeError(`scenario '${title}': options.needs: a list of capabilities was expected`);
	if (typeof run !== 'function') throw new TypeError(`scenario '${title}': the third argument: a function was expected, got ${typeof run}`);
	assertCapabilities(options.needs, title);
	const collected = Reflect.get(globalThis, COLLECTION) as ScenarioDefinition[] | undefined;
	if (!collected) throw new TypeError(`scenario '${title}' is declared outside a run: start the file with \`blackstart run FILE\``);
	if (collected.some((other) => other.title === title)) throw new TypeError(`scenario '${title}' is declared twice in one file: titles must be unique`);
	collected.push({ title, options, run });
};

/** Runs `load`, which imports one scenario file, and returns the cases that the file declares, in order. */
export const collectScenarios = async (load: () => Promise<unknown>): Promise<readonly ScenarioDefinition[]> => {
	const collected: ScenarioDefinition[] = [];
	Reflect.set(globalThis, COLLECTION, collected);
	try {
		await load();
	} finally {
		Reflect.deleteProperty(globalThis, COLLECTION);
	}
	return collected;
};
