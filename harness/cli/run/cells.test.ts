import test from 'ava';
import type { BlackstartEvent } from '../../events/index.js';
import { createJudge } from '../../invariants/index.js';
import { collectScenarios, findTarget, isInCell, type Reduction, runCase, type ScenarioDefinition, type ScenarioHost } from '../../scenario/index.js';
import { readCatalogue } from './scenario-files.js';
import { provideTargets } from '../composition.js';

test.before(provideTargets);

const DEVICES = 30;
const QUIET: Omit<ScenarioHost, 'scenario' | 'options' | 'write'> = {
	seed: '5',
	caseText: (slug) => slug,
	flush: () => {},
	openConsole: () => ({ append: () => {}, close: () => undefined }),
	createJudge,
	nowMs: () => 0,
	isoNow: () => '',
	every: () => () => {},
	whenIdleForever: () => () => {},
};

interface Played {
	readonly verdict: string;
	/** Own events of each device, in order. */
	readonly devices: ReadonlyMap<string, readonly string[]>;
}

const play = async (definition: ScenarioDefinition, { scenario, reduction }: { readonly scenario: string; readonly reduction: Reduction }): Promise<Played> => {
	const devices = new Map<string, string[]>();
	const found = findTarget(definition.options.needs);
	if ('reason' in found) throw new Error(found.reason);
	const host: ScenarioHost = {
		...QUIET,
		scenario,
		options: { devices: DEVICES, keys: [], reduction },
		write: (event) => {
			if (!('device' in event) || event.device === undefined) return;
			const own = devices.get(event.device) ?? [];
			own.push(JSON.stringify(unhurried(event)));
			devices.set(event.device, own);
		},
	};
	const { verdict } = await runCase(definition, { host, target: found.target, slug: '' });
	return { verdict, devices };
};

/** When a fleet is read for the last time depends on its last device. */
const unhurried = (event: BlackstartEvent): object => (event.kind === 'device-audit' ? { ...event, at: 0 } : event);

/** All of the catalogue's that have any. */
for (const name of ['packet-loss', 'power-loss', 'slow-network']) {
	test.serial(`${name}: every device of an independent scenario does the same, event for event, in 1, 2 and 5 cells`, async (t) => {
		const url = readCatalogue().find((file) => file.name === name)?.url ?? '';
		const definitions = (await collectScenarios(() => import(url))).filter(({ options }) => options.independent);
		for (const definition of definitions) {
			const whole = await play(definition, { scenario: name, reduction: {} });
			t.is(whole.verdict, 'passed', definition.title);
			t.true([...whole.devices.values()].every((own) => own.length > 10));
			for (const count of [1, 2, 5]) {
				const joined = new Map<string, readonly string[]>();
				for (let index = 0; index < count; index++) {
					const { verdict, devices } = await play(definition, { scenario: name, reduction: { cell: { index, count } } });
					t.is(verdict, devices.size === 0 ? 'skipped' : 'passed', definition.title);
					for (const [id, own] of devices) {
						t.true(isInCell(id, { index, count }));
						t.false(joined.has(id), `${id} is in two of ${count} cells`);
						joined.set(id, own);
					}
				}
				t.is(joined.size, whole.devices.size);
				for (const [id, own] of whole.devices) t.deepEqual(joined.get(id), own, `${definition.title}: ${id}, ${count} cells`);
			}
		}
		t.true(definitions.length > 0);
	});
}
