import { standsFor } from '../faults/index.js';
import { CaseContext } from './case-context.js';
import { CaseRecorder } from './case-recorder.js';
import { encodeReduction } from './case-text.js';
import type { ScenarioHost } from './host.js';
import { Reducer } from './reduction.js';
import { describeRung } from './rung.js';
import type { ScenarioDefinition } from './scenario.js';
import { StallWatch } from './stall-watch.js';
import type { Target } from './target.js';
import { type CaseOutcome, decideOutcome } from './verdict.js';

/** The seed of one case: the same whether it runs alone or among others. */
export const deriveCaseSeed = ({ seed, scenario, title }: { readonly seed: string; readonly scenario: string; readonly title: string }): string =>
	`${seed}/${scenario}/${title}`;

/**
 * Runs one case from `scenario-started` to `scenario-ended`, whatever its body does, and returns what it came to. `reducer`:
 * of the run's own reduction by default.
 */
export const runCase = async (
	definition: ScenarioDefinition,
	{ host, target, slug, reducer = new Reducer(host.options.reduction) }: { host: ScenarioHost; target: Target; slug: string; reducer?: Reducer },
): Promise<CaseOutcome> => {
	const { title } = definition;
	const { scenario, seed } = host;
	const startedAt = host.isoNow();
	const startedMs = host.nowMs();
	host.write({ kind: 'scenario-started', scenario, title, target: target.name, seed, options: describeOptions(host) });
	host.write({ kind: 'run-case', scenario, title, case: host.caseText(slug) });
	host.flush();
	const console = host.openConsole(slug);
	const recorder = new CaseRecorder(host, title);
	const stalls = host.options.rung === undefined ? undefined : new StallWatch(host, host.options.rung);
	const aborted = createDeferred();
	const context = new CaseContext({
		title,
		seed: deriveCaseSeed({ seed, scenario, title }),
		options: host.options,
		target,
		independent: definition.options.independent ?? false,
		recorder,
		reducer,
		console,
		abort: aborted.reject,
	});
	const forgetIdle = host.whenIdleForever(() =>
		aborted.reject(
			new Error(
				`the scenario waits for something that never comes: its process has nothing left to do${context.opened ? '; virtual time passes only while a call of the fleet waits, such as fleet.sleep(ms)' : ''}`,
			),
		),
	);
	const errors = [...(await settle(() => Promise.race([definition.run(context), aborted.promise]))), ...(await context.close())];
	forgetIdle();
	const stalled = stalls?.finish() ?? context.stalled;
	const invariants = recorder.finish();
	recorder.close();
	if (context.opened) for (const { invariant, checks, violations } of invariants) host.write({ kind: 'invariant-judged', invariant, checks, violations });
	if (context.opened) host.write({ kind: 'fault-coverage', rows: recorder.coverage.rows((row) => standsFor(row, { scenario, title })) });
	const outcome = decideOutcome({
		errors,
		invariants,
		withoutEvidence: recorder.faults.withoutEvidence({ inCell: reducer.cell !== undefined }),
		opened: context.opened,
		checked: context.checked,
		stalled,
	});
	for (const error of errors) if (error instanceof Error) console.append(`${error.stack ?? error.message}\n`);
	host.write({ kind: 'run-case-timing', scenario, title, startedAt, wallMs: Math.round(host.nowMs() - startedMs) });
	const path = console.close();
	if (path !== undefined) host.write({ kind: 'run-console', scenario, title, path });
	host.write({ kind: 'scenario-ended', scenario, title, ...outcome, faults: recorder.faults.counts(), virtualMs: recorder.virtualMs });
	host.flush();
	return outcome;
};

const settle = async (work: () => Promise<unknown>): Promise<readonly unknown[]> => {
	try {
		await work();
		return [];
	} catch (error) {
		return [error];
	}
};

const createDeferred = (): { readonly promise: Promise<never>; readonly reject: (error: unknown) => void } => {
	let reject: (error: unknown) => void = () => {};
	const promise = new Promise<never>((_resolve, rejectPromise) => {
		reject = rejectPromise;
	});
	// An abort that comes when nobody waits any more is no unhandled rejection.
	promise.catch(() => {});
	return { promise, reject };
};

const describeOptions = ({ options: { devices, image, from, rung, reduction } }: ScenarioHost): Readonly<Record<string, unknown>> => ({
	devices,
	...(image ? { image: image.name, imageDigest: image.digest } : {}),
	...(from ? { from: from.name, fromDigest: from.digest } : {}),
	...(rung ? describeRung(rung) : {}),
	...(reduction ? { reduction: encodeReduction(reduction).join(':') } : {}),
});
