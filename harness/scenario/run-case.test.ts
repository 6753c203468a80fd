import test from 'ava';
import type { BlackstartEvent } from '../events/index.js';
import { createJudge } from '../invariants/index.js';
import type { ScenarioContext } from './context.js';
import type { ScenarioHost } from './host.js';
import { runCase } from './run-case.js';
import type { OpenFleet, Target, TargetContext } from './target.js';

const TITLE = 'holds';

/** Runs one case in memory, on a clock that each look at moves on by `stepMs`. */
const play = async (run: (context: ScenarioContext) => Promise<void>, options: { readonly target?: Partial<Target>; readonly stepMs?: number } = {}) => {
	const events: BlackstartEvent[] = [];
	const printed: string[] = [];
	let wallMs = 0;
	const host: ScenarioHost = {
		scenario: 'file',
		seed: '7',
		options: { devices: 2, keys: [] },
		caseText: (slug) => `file/${slug}:seed=7:devices=2`,
		write: (event) => events.push(event),
		flush: () => {},
		openConsole: () => ({ append: (text) => printed.push(text), close: () => (printed.length > 0 ? '/run/console.log' : undefined) }),
		createJudge,
		nowMs: () => {
			wallMs += options.stepMs ?? 0;
			return wallMs;
		},
		isoNow: () => '2026-01-01T00:00:00.000Z',
		every: () => () => {},
		whenIdleForever: () => () => {},
	};
	const target: Target = { name: 'tiny', capabilities: ['fleet'], ...options.target };
	const outcome = await runCase({ title: TITLE, options: { needs: [] }, run }, { host, target, slug: 'holds' });
	return { outcome, events, printed, kinds: events.map(({ kind }) => kind) };
};

/** A fleet that tells `log` what is done to it; `finish` records a device that runs what nobody released. */
const fleetOf = (context: TargetContext, { log, broken = false }: { log: string[]; broken?: boolean }): OpenFleet => {
	log.push(`open ${context.seed}`);
	const fleet = {
		nowMs: 40,
		finish: async () => {
			log.push('finish');
			const device = { at: 40, device: 'd-1' };
			const release = { release: 'first', version: '1.0.0', hardware: 'h', digest: 'aa', sizeBytes: 4, securityCounter: 0, behaviour: 'healthy' } as const;
			context.record({ kind: 'release-published', at: 0, ...release, authentic: true, origin: 'harness', bad: false });
			context.record({ kind: 'device-provisioned', ...device, hardware: 'h', digest: 'aa', version: '1.0.0', securityCounter: 0, settings: 's' });
			const boot = { cause: 'power-on', slot: 'a', version: '1.0.0', trial: false, reverted: false, securityCounter: 0, settings: 's' } as const;
			context.record({ kind: 'device-boot', ...device, ...boot, digest: broken ? 'bb' : 'aa' });
			context.record({ kind: 'device-final', device: 'd-1', version: '1.0.0', outcome: 'unchanged' });
		},
		[Symbol.asyncDispose]: async () => {
			log.push('dispose');
		},
	};
	return fleet as unknown as OpenFleet;
};

test("what comes late while a fleet's broker stands still is errored, and no failure of the product", async (t) => {
	for (const [stall, verdict] of [
		['the broker held a message back', 'errored'],
		[undefined, 'failed'],
	] as const) {
		const { outcome } = await play(
			async ({ openFleet, expect }) => {
				await openFleet();
				expect(false, 'all were to be updated');
			},
			{ target: { openFleet: async (context) => Object.assign(fleetOf(context, { log: [] }), { describeStall: () => stall }) } },
		);
		t.is(outcome.verdict, verdict);
		t.regex(outcome.reason ?? '', stall === undefined ? /^all were/ : /^the broker held a message back; what came of it: all were to be updated/);
	}
});

test('a case ends with its verdict, its counts and its times, whatever its body does', async (t) => {
	for (const body of [
		async () => {},
		async () => Promise.reject(new Error('x')),
		() => {
			throw new Error('x');
		},
	]) {
		const { events, kinds } = await play(body);
		t.is(kinds[0], 'scenario-started');
		t.deepEqual(
			kinds.slice(kinds.indexOf('run-case-timing')).filter((kind) => kind !== 'run-console'),
			['run-case-timing', 'scenario-ended'],
		);
		t.like(events.at(-1), { kind: 'scenario-ended', title: TITLE, faults: [] });
	}
});

test('cleanups run last first while the fleet is open, all of them, and a failing one makes the case errored', async (t) => {
	const log: string[] = [];
	const { outcome } = await play(
		async (context) => {
			context.defer(() => void log.push('before the fleet'));
			await context.openFleet();
			context.defer(() => {
				log.push('throws');
				throw new Error('cannot clean');
			});
			context.defer(async () => void log.push('last'));
			context.expect(true, '');
		},
		{ target: { openFleet: async (context) => fleetOf(context, { log }) } },
	);
	t.deepEqual(log, ['open 7/file/holds', 'last', 'throws', 'before the fleet', 'finish', 'dispose']);
	t.is(outcome.verdict, 'errored');
	t.regex(outcome.reason ?? '', /cannot clean/);
});

test('a second fleet closes the first, has a seed of its own, and what was broken in the first stays broken', async (t) => {
	const log: string[] = [];
	const { outcome, events } = await play(
		async (context) => {
			await context.openFleet();
			await context.openFleet();
		},
		{ target: { openFleet: async (context) => fleetOf(context, { log, broken: log.length === 0 }) } },
	);
	t.deepEqual(log, ['open 7/file/holds', 'finish', 'dispose', 'open 7/file/holds/world-2', 'finish', 'dispose']);
	t.is(outcome.verdict, 'failed');
	t.like(
		events.find((event) => event.kind === 'scenario-ended'),
		{ virtualMs: 80 },
	);
	t.true(events.some((event) => event.kind === 'invariant-judged' && event.violations.length > 0));
});

test('a fleet that the body never waited for is closed with the case, and none can be opened behind it', async (t) => {
	const log: string[] = [];
	let late: ScenarioContext | undefined;
	const { outcome } = await play(
		async (context) => {
			late = context;
			await Promise.all([context.openFleet(), context.openFleet()]);
		},
		{ target: { openFleet: async (context) => fleetOf(context, { log }) } },
	);
	t.deepEqual(log, ['open 7/file/holds', 'finish', 'dispose']);
	t.is(outcome.verdict, 'errored');
	await t.throwsAsync(async () => late?.openFleet(), { instanceOf: TypeError, message: /the scenario is over/ });
	t.is(log.length, 3);
});

test('a target that dies ends the case although the body waits, and what wakes later belongs to no case', async (t) => {
	let wake = (): void => {};
	const waiting = new Promise<void>((resolve) => {
		wake = resolve;
	});
	let late: Promise<void> | undefined;
	const { outcome, events } = await play(
		(context) => {
			late = (async () => {
				await context.openFleet();
				await waiting;
				context.step('too late');
			})();
			return late;
		},
		{
			target: {
				openFleet: async (context) => {
					context.abort(new Error('the broker died'));
					return fleetOf(context, { log: [] });
				},
			},
		},
	);
	t.is(outcome.verdict, 'errored');
	t.regex(outcome.reason ?? '', /the broker died/);
	wake();
	await late;
	t.false(events.some(({ kind }) => kind === 'scenario-step'));
});

test('a fault armed and never fired is inconclusive, with both counts', async (t) => {
	const arm = (fired: boolean): Partial<Target> => ({
		openFleet: async (context) => {
			context.record({ kind: 'fault-armed', at: 0, fault: 'power-cut', device: 'd-1' });
			if (fired) context.record({ kind: 'fault-fired', at: 1, fault: 'power-cut', device: 'd-1' });
			return fleetOf(context, { log: [] });
		},
	});
	const body = async (context: ScenarioContext): Promise<void> => void (await context.openFleet());
	const silent = await play(body, { target: arm(false) });
	t.is(silent.outcome.verdict, 'inconclusive');
	t.like(silent.events.at(-1), { faults: [{ fault: 'power-cut', armed: 1, fired: 0 }] });
	t.is((await play(body, { target: arm(true) })).outcome.verdict, 'passed');
});

test('progress is told four times a second of the wall at most', async (t) => {
	const steps = async (context: ScenarioContext): Promise<void> => {
		for (let step = 0; step < 100; step++) context.step('x');
		context.expect(true, '');
	};
	const count = async (stepMs: number) => (await play(steps, { stepMs })).kinds.filter((kind) => kind === 'run-progress').length;
	t.is(await count(0), 0);
	t.is(await count(50), 100 / 5);
	t.is(await count(1000), 100);
});

test('the streams of a case depend on seed, file, title and name alone', async (t) => {
	const draws: number[] = [];
	const draw = async (context: ScenarioContext): Promise<void> => {
		draws.push(context.random('a').integer(1e9), context.random('b').integer(1e9));
		context.random('a').integer(1e9);
		draws.push(context.random('b').integer(1e9));
	};
	await play(draw);
	await play(draw);
	t.deepEqual(draws.slice(0, 3), draws.slice(3));
	t.is(draws[1], draws[2]);
	t.not(draws[0], draws[1]);
});
