import type { BootLayout } from '../../../harness/bootloader/index.js';
import type { Geometry } from '../../../harness/flash/index.js';
import { readYaml, type YamlProblem } from '../../../harness/text/yaml/index.js';
import type { ModuleLimits } from '../firmware-module.js';
import { checkLayout, geometryOf } from './check-layout.js';
import { type LayoutFile, layoutSchema } from './layout-schema.js';

/** The part that a firmware module runs on, and what the module promises. */
export interface ModuleLayout {
	readonly geometry: Geometry;
	readonly layout: BootLayout;
	readonly runs: 'in-place' | 'from-a';
	readonly trial: { readonly boots: number; readonly reverts: boolean; readonly permanent: boolean };
	readonly limits: ModuleLimits;
	/** Of the two images of an update; null: what the images say, where they are MCUboot's. */
	readonly securityCounters: { readonly from: number; readonly to: number } | null;
}

/** A layout that no part has, or that is no layout; the message has one line for each problem, `file:line: key: expected, got`. */
export class LayoutError extends Error {
	override readonly name = 'LayoutError';
	readonly problems: readonly YamlProblem[];

	constructor(file: string, problems: readonly YamlProblem[]) {
		super(problems.map(({ line, key, message }) => `${file}:${line}: ${key}: ${message}`).join('\n'));
		this.problems = problems;
	}
}

/** Reads a layout file; throws a LayoutError that names every problem by file, line and key. */
export const parseLayout = (text: string, { file }: { readonly file: string }): ModuleLayout =>
	toLayout(readYaml(text, { schema: layoutSchema, whole: 'layout', check: checkLayout, fail: (problems) => new LayoutError(file, problems) }));

const toLayout = (file: LayoutFile): ModuleLayout => ({
	geometry: geometryOf(file),
	layout: { slotA: file.slots.a, slotB: file.slots.b, scratch: file.scratch ?? null, records: file.records },
	runs: file.slots.run,
	trial: file.trial,
	limits: {
		steps: file.limits.steps,
		memoryBytes: file.limits.memory,
		...(file.limits.watchdog === undefined ? {} : { watchdogSteps: file.limits.watchdog }),
	},
	securityCounters: file.securityCounters ?? null,
});
