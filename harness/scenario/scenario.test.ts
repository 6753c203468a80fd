import test from 'ava';
import type { Capability } from './capability.js';
import { collectScenarios, type ScenarioOptions, scenario } from './scenario.js';
import { findTarget, provideTarget } from './target.js';

const noop = async (): Promise<void> => {};
const collect = (declare: () => void) => collectScenarios(async () => declare());

test.serial('cases are collected in the order of their declaration', async (t) => {
	const found = await collect(() => {
		scenario('b', { needs: ['fleet'] }, noop);
		scenario('a', { needs: [], independent: true }, noop);
	});
	t.deepEqual(
		found.map(({ title, options }) => [title, options.needs.length, options.independent]),
		[
			['b', 1, undefined],
			['a', 0, true],
		],
	);
});

const WRONG: readonly { readonly declare: () => void; readonly message: RegExp }[] = [
	{ declare: () => scenario('', { needs: [] }, noop), message: /scenario\(title\): one line of 1 to 200 characters/ },
	{ declare: () => scenario('two\nlines', { needs: [] }, noop), message: /got "two\\nlines"/ },
	{ declare: () => scenario(' x', { needs: [] }, noop), message: /without space at its ends/ },
	{ declare: () => scenario('x', {} as ScenarioOptions, noop), message: /'x': options\.needs: a list/ },
	{ declare: () => scenario('x', { needs: ['wings' as Capability] }, noop), message: /'x': needs: a capability was expected .*got 'wings'/ },
	{ declare: () => scenario('x', { needs: ['fixture:A B'] }, noop), message: /a capability was expected .*fixture:NAME\), got 'fixture:A B'/ },
	{ declare: () => scenario('x', { needs: [] }, undefined as unknown as typeof noop), message: /'x': the third argument: a function was expected/ },
	{ declare: () => ['x', 'x'].forEach((title) => void scenario(title, { needs: [] }, noop)), message: /'x' is declared twice in one file/ },
];

for (const [index, { declare, message }] of WRONG.entries()) {
	test.serial(`a wrong declaration is refused by name, row ${index + 1}`, async (t) => {
		await t.throwsAsync(collect(declare), { instanceOf: TypeError, message });
	});
}

test.serial('a scenario outside of a run says how to run it', (t) => {
	t.throws(() => scenario('x', { needs: [] }, noop), { instanceOf: TypeError, message: /blackstart run FILE/ });
});

test.serial('the newest target that has everything is taken, and a reason names what each lacks', (t) => {
	t.deepEqual(findTarget(['fleet']), { reason: 'needs fleet: no target is available' });
	const first = { name: 'first', capabilities: ['fleet', 'power'] } as const;
	const second = { name: 'second', capabilities: ['fleet'] } as const;
	provideTarget(first);
	provideTarget(second);
	t.deepEqual(findTarget(['fleet']), { target: second });
	t.deepEqual(findTarget(['power']), { target: first });
	t.deepEqual(findTarget(['power', 'gpio']), { reason: 'needs power, gpio: second lacks power, gpio; first lacks gpio' });
	provideTarget({ name: 'third', board: 'b', capabilities: [], unavailable: 'no emulator' });
	t.deepEqual(findTarget(['power'], { board: 'b' }), { reason: 'needs power: no emulator' });
	provideTarget({ ...second, capabilities: ['gpio'] });
	t.deepEqual(findTarget(['fleet']), { target: first });
});
