import type { BlackstartEvent } from '../../../events/index.js';
import { realTime } from '../../../time/index.js';
import { EXIT_CODES } from '../../run/outcome.js';
import { UsageError } from '../../usage-error.js';
import { runSession } from './run-session.js';
import { parseSessionCase } from './session-case.js';
import { shrinkSession } from './shrink-session.js';
import { describeCut } from './session-text.js';

/** `blackstart replay explore/session:…`: the update of one device again, with what it and its service told; 1 where the failure comes back, 0 where it does not. */
export const replaySession = async (text: string, options: { readonly json: boolean /** 0: not at all. */; readonly shrinkMs: number }): Promise<number> => {
	const one = parseSessionCase(text);
	const people = options.json ? process.stderr : process.stdout;
	const run = await refuseUnknown(() => runSession(one, { onEvent: (event) => people.write(formatEvent(event)) }));
	one.cuts.forEach((cut, index) => {
		const hit = run.hits[index];
		people.write(
			`power ${hit ? 'went' : 'was to go'} ${describeCut(cut)}: ${hit ? `${hit.form}, the device was ${hit.state}` : 'the session was over before'}\n`,
		);
	});
	for (const { invariant, message } of run.violations) people.write(`  !! ${invariant}: ${message}\n`);
	people.write(
		run.violations.length > 0 ? `the failure came back: ${run.violations.map(({ invariant }) => invariant).join(', ')}\n` : `nothing failed: ${run.outcome}\n`,
	);
	const endMs = realTime.nowMs() + options.shrinkMs;
	const shrunk = options.shrinkMs === 0 || run.violations.length === 0 ? null : await shrinkSession(one, { goesOn: () => realTime.nowMs() < endMs });
	if (shrunk !== null) people.write(shrunk.text);
	if (options.json) {
		const { outcome, hits, violations } = run;
		process.stdout.write(
			`${JSON.stringify({ failed: violations.length > 0, outcome, hits, violations, ...(shrunk === null ? {} : { shrunk: shrunk.json }) })}\n`,
		);
	}
	return run.violations.length > 0 ? EXIT_CODES.failed : EXIT_CODES.passed;
};

const refuseUnknown = async <Value>(run: () => Promise<Value>): Promise<Value> => {
	try {
		return await run();
	} catch (cause) {
		if (cause instanceof RangeError && cause.message.startsWith('profiles:')) throw new UsageError(`case: ${cause.message}`, { cause });
		throw cause;
	}
};

const formatEvent = (event: BlackstartEvent): string => {
	if (!('at' in event) || !('device' in event) || event.kind === 'device-audit') return '';
	const { at, kind, device: _, ...facts } = event;
	return `${String(at).padStart(8)} ms  ${kind}  ${Object.entries(facts)
		.map(([name, value]) => `${name}=${typeof value === 'string' ? value.slice(0, LONGEST_FACT) : JSON.stringify(value)}`)
		.join(' ')}\n`;
};

/** Digests are told by their beginning. */
const LONGEST_FACT = 60;
