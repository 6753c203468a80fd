import type { ConsoleMatch, FlasherPort, PowerPort, PowerSwitched } from '../../harness/ports/index.js';
import { LINE_ENDS } from '../board/conversation.js';
import type { BoardSpec } from '../rig-file/index.js';
import { type CheckedConsole, Listening, orNothing, shown } from './listening.js';

/** What was tried on a board, and what came of it. */
export interface CheckStep {
	readonly step: 'open' | 'power' | 'boot' | 'identity' | 'reset' | 'cut' | 'sense' | 'flasher' | 'network';
	/** `skipped`: the board has no such thing, or an earlier step says why it cannot be. */
	readonly state: 'good' | 'wrong' | 'doubtful' | 'skipped';
	readonly what: string;
	readonly remedy?: string;
}

export interface CheckedParts {
	readonly console: CheckedConsole;
	/** Undefined where nothing switches its power. */
	readonly power: PowerPort | undefined;
	readonly reset?: (() => Promise<void>) | undefined;
	readonly flasher?: FlasherPort | undefined;
	/** Cuts that its relay has made. */
	readonly relayCycles?: number;
}

/** How long a console must say nothing for its board to count as silent. */
const SILENCE_MS = 400;
/** What a board said before its cut may still be under way then: in an adapter that waits for more, or in a host that is busy. */
const ON_ITS_WAY_MS = 100;

/**
 * Powers a board, reads its boot, resets it, cuts it, and sees that it is dead: silent, sensed off, and booting anew when power
 * returns. Nothing is written to it. Yields each step as it is done.
 */
export async function* checkBoard(spec: BoardSpec, parts: CheckedParts): AsyncGenerator<CheckStep> {
	const { power, reset, flasher } = parts;
	const talk = new Listening(spec, parts.console);
	if (power === undefined) {
		yield { step: 'power', state: 'skipped', what: 'nothing switches its power (power: { driver })' };
	} else {
		const switched = yield* powering(talk, { what: 'powered', command: () => power.cycle(), power });
		if (switched === undefined) return;
		yield* wearing(spec, parts.relayCycles ?? 0);
	}
	const first = yield* booting(talk, { asked: power !== undefined });
	if (first !== undefined && spec.identity.banner !== undefined) yield identify(talk.said, spec.identity.banner);
	if (reset !== undefined) yield await resetting(talk, reset, first);
	if (power !== undefined) yield* cutting(talk, { power, first });
	if (flasher !== undefined) yield await identifying(flasher, spec);
}

function* wearing({ limits, name }: BoardSpec, cycles: number): Generator<CheckStep> {
	if (limits.relayCycles === undefined || cycles < limits.relayCycles) return;
	yield {
		step: 'power',
		state: 'doubtful',
		what: `its relay has switched ${cycles} times, and is made for ${limits.relayCycles}`,
		remedy: `replace it, then remove ${name}@….relay-cycles from the folder of marks (~/.local/state/blackstart)`,
	};
}

const identify = (said: string, banner: RegExp): CheckStep => {
	if (banner.test(said)) return { step: 'identity', state: 'good', what: `it says ${banner.source}, as its identity asks` };
	return {
		step: 'identity',
		state: 'wrong',
		what: `${banner.source} was expected on its console, it said ${shown(said)}`,
		remedy: 'another board may be plugged in at its place: compare identity and serial.console.match with `blackstart rig discover`',
	};
};

async function* powering(
	talk: Listening,
	{ what, command, power }: { readonly what: 'powered' | 'unpowered'; readonly command: () => Promise<PowerSwitched>; readonly power: PowerPort },
): AsyncGenerator<CheckStep, PowerSwitched | undefined> {
	talk.begin();
	try {
		const switched = await command();
		const { commandedAtMs, observedAtMs } = switched;
		const seen = observedAtMs === undefined ? 'told, not seen' : `seen ${(observedAtMs - commandedAtMs).toFixed(1)} ms after it was told`;
		const state = await power.observe();
		if (state !== 'unknown' && state !== what) {
			yield {
				step: 'power',
				state: 'wrong',
				what: `${what} was expected, ${state} is sensed`,
				remedy: 'see its wiring, activeLow of its line, and what its sense reads',
			};
			return undefined;
		}
		yield { step: 'power', state: 'good', what: `${what}: ${seen}` };
		return switched;
	} catch (error) {
		yield {
			step: 'power',
			state: 'wrong',
			what: (error as Error).message,
			remedy: `see that the supply behind driver ${talk.spec.power?.driver} is there and answers; \`blackstart rig doctor\` sees to permissions`,
		};
		return undefined;
	}
}

async function* booting(talk: Listening, { asked }: { readonly asked: boolean }): AsyncGenerator<CheckStep, ConsoleMatch | undefined> {
	const boot = asked ? await talk.boot() : undefined;
	const { console: syntax, timings } = talk.spec.type;
	if (asked && boot === undefined) {
		yield { step: 'boot', state: 'wrong', ...explainSilence(talk) };
		return undefined;
	}
	if (!asked) {
		// A board that is never cut has booted long ago: it is asked for its prompt.
		talk.begin();
		await orNothing(talk.console.send(LINE_ENDS[syntax.newline]));
	}
	const rest = await talk.rest();
	if (rest === undefined) {
		if (talk.said === '') yield { step: 'boot', state: 'wrong', ...explainSilence(talk) };
		else
			yield {
				step: 'boot',
				state: 'wrong',
				what: `${(syntax.ready ?? syntax.prompt).source} was expected within ${timings.boot} ms, it said ${shown(talk.said)}`,
				remedy: 'see prompt, ready and timings.boot of its type; what runs may be bad: `blackstart rig repair` writes golden',
			};
		return boot;
	}
	const began = boot === undefined ? 'it answers' : `it boots: ${shown(boot.text)}`;
	if (rest === 'recovery') {
		yield {
			step: 'boot',
			state: 'doubtful',
			what: `${began}, then waits in its recovery: nothing that it may run is on it`,
			remedy: `blackstart rig repair ${talk.spec.name}`,
		};
	} else {
		const panic = syntax.panic.find((pattern) => pattern.test(talk.said));
		if (panic === undefined) yield { step: 'boot', state: 'good', what: began };
		else
			yield {
				step: 'boot',
				state: 'doubtful',
				what: `${began}, and says ${panic.source}`,
				remedy: `what runs on it is bad: blackstart rig repair ${talk.spec.name}`,
			};
	}
	return boot;
}

const resetting = async (talk: Listening, reset: () => Promise<void>, first: ConsoleMatch | undefined): Promise<CheckStep> => {
	if (first === undefined && talk.spec.power !== undefined)
		return { step: 'reset', state: 'skipped', what: 'its console says nothing, so a reset cannot be seen' };
	talk.begin();
	const remedy = 'see the wiring of lines.reset, its activeLow and its pulse';
	try {
		await reset();
	} catch (error) {
		return { step: 'reset', state: 'wrong', what: (error as Error).message, remedy };
	}
	const boot = await talk.boot();
	if (boot === undefined)
		return { step: 'reset', state: 'wrong', what: `no boot was seen within ${talk.spec.type.timings.boot} ms of a pulse of its reset line`, remedy };
	await talk.rest();
	return { step: 'reset', state: 'good', what: `its reset line restarts it: ${shown(boot.text)}` };
};

async function* cutting(talk: Listening, { power, first }: { readonly power: PowerPort; readonly first: ConsoleMatch | undefined }): AsyncGenerator<CheckStep> {
	const off = yield* powering(talk, { what: 'unpowered', command: () => power.off(), power });
	if (off === undefined) return;
	yield await listenForLife(talk);
	yield senseStep(talk.spec, await power.observe());
	const on = yield* powering(talk, { what: 'powered', command: () => power.on(), power });
	if (on === undefined || first === undefined) return;
	const again = await talk.boot();
	if (again === undefined) {
		yield {
			step: 'cut',
			state: 'wrong',
			what: 'it did not boot when power returned',
			...remedyOf('it may hang half powered: make offTime of its type longer, release what feeds it (backfeed)'),
		};
		return;
	}
	const [before, after] = [first.text, again.text];
	const hasNonce = /\(\?<nonce>/.test(talk.spec.type.console.boot.source);
	if (hasNonce && before === after) {
		yield {
			step: 'cut',
			state: 'wrong',
			what: `a boot of its own was expected after the cut, its console says the same as before: ${shown(after)}`,
			remedy: 'what is read may be old output: see that nothing else talks on its port',
		};
		return;
	}
	await talk.rest();
	yield { step: 'cut', state: 'good', what: `cut and back: ${shown(after)}` };
}

/** A board that still talks is still fed, by its supply or by a line into it. */
const listenForLife = async (talk: Listening): Promise<CheckStep> => {
	const { console, spec } = talk;
	await new Promise((resolve) => setTimeout(resolve, ON_ITS_WAY_MS));
	const from = console.mark();
	// One that lives and has nothing to say says something when it is asked. A port that lives off the board's supply cannot be.
	if (console.breaks !== true) await console.send(LINE_ENDS[spec.type.console.newline]).catch(ignoreAbsence);
	const word = await orNothing(console.expect(/[\s\S]/, { withinMs: SILENCE_MS, from }));
	if (word === undefined)
		return {
			step: 'cut',
			state: 'good',
			what: `silent for ${SILENCE_MS} ms after the cut${console.breaks === true ? ', its transmit line held low' : ', although it was asked'}`,
		};
	return {
		step: 'cut',
		state: 'wrong',
		what: `silence was expected after the cut, it says ${shown(talk.console.textSince(from))}`,
		remedy:
			'its power is not cut, or a line feeds it: see the supply with a meter, release lines while it is off (backfeed: [console]), 1 kOhm into its receive line',
	};
};

const senseStep = (spec: BoardSpec, seen: 'powered' | 'unpowered' | 'unknown'): CheckStep => {
	const kind = spec.power?.sense.kind ?? 'none';
	if (seen === 'unpowered') return { step: 'sense', state: 'good', what: `${kind} says unpowered` };
	return {
		step: 'sense',
		state: 'doubtful',
		what: 'nothing sees whether it is off: cuts are told, not observed',
		remedy: 'power.sense: a gpio-in on its rail, an ina219, or a supply that can be read (driver)',
	};
};

const identifying = async (flasher: FlasherPort, { name, type }: BoardSpec): Promise<CheckStep> => {
	try {
		await flasher.assertIdentity({ withinMs: type.flasher?.within ?? 60_000 });
		return { step: 'flasher', state: 'good', what: `${type.flasher?.tool ?? 'its flasher'} finds ${name} itself` };
	} catch (error) {
		return {
			step: 'flasher',
			state: 'wrong',
			what: (error as Error).message,
			remedy: 'see identity and flasher of the board, and that the tool is installed (`blackstart rig doctor --rig FILE`)',
		};
	}
};

const explainSilence = (talk: Listening): Pick<CheckStep, 'what' | 'remedy'> => {
	const { console, type } = talk.spec;
	const expected = `${type.console.boot.source} was expected within ${type.timings.boot} ms`;
	const { said } = talk;
	if (said === '')
		return { what: `${expected}, its console says nothing`, ...remedyOf('see that RX and TX are crossed, that ground is common, and that this is its port') };
	const strange = [...said].filter((letter) => letter === '\ufffd' || (letter < ' ' && !/\s/.test(letter))).length;
	if (strange * 4 > said.length) return { what: `${expected}, what comes is no text: ${shown(said)}`, ...remedyOf(`see its baud rate, ${console.baud} here`) };
	return { what: `${expected}, it said ${shown(said)}`, ...remedyOf('see console.boot of its type') };
};

const remedyOf = (remedy: string): { readonly remedy: string } => ({ remedy });

const ignoreAbsence = (error: unknown): void => {
	if ((error as { readonly code?: unknown } | undefined)?.code !== 'absent') throw error;
};
