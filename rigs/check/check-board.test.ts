import test from 'ava';
import type { ConsolePort, PowerPort, PowerState } from '../../harness/ports/index.js';
import { monotonicMs } from '../drivers/monotonic.js';
import { Transcript } from '../drivers/console/transcript.js';
import { type BoardSpec, parseRigFile } from '../rig-file/index.js';
import { checkBoard, type CheckStep } from './index.js';

/** What is wrong with a board, by what it then does. */
interface Ills {
	/** What it says when it boots, in place of what its type says. */
	readonly boots?: (count: number) => string;
	/** Goes on answering while it is cut. */
	readonly isFed?: boolean;
	/** What is sensed, in place of what is so. */
	readonly senses?: PowerState | 'unknown';
	readonly powerFails?: string;
	readonly resetIsOpen?: boolean;
	readonly flasherFinds?: string;
	readonly hasPower?: boolean;
	readonly relayCycles?: number;
	/** Boots once, and never after a cut. */
	readonly hangs?: boolean;
}

const TYPE = 'virtual-avr';
const SPEC = (extra = ''): BoardSpec => {
	const { boards } = parseRigFile(`schema: rig/v1\nrig: bench\nboards:\n  a: { type: ${TYPE}, backend: virtual${extra} }\n`, { path: 'x.yaml' });
	const [spec] = boards;
	if (spec === undefined) throw new Error('a board was expected');
	// Short waits: what is to come here comes at once.
	return { ...spec, limits: { relayCycles: 9 }, type: { ...spec.type, timings: { ...spec.type.timings, boot: 60 } } };
};

const goodBoot = (count: number): string =>
	`boot: blackstart-avr 1.0 nonce=0000000${count} reset=power\r\nboot: start\r\napp: sensor 1.0.0 nonce=0000000${count} confirmed\r\n> `;

/** A board behind ports that do what a board with these ills would do. */
const makeBoard = ({ relayCycles, boots = goodBoot, isFed, senses, powerFails, resetIsOpen, flasherFinds, hasPower = true, hangs }: Ills) => {
	const transcript = new Transcript({ name: 'a', keepBytes: 2 ** 20, record: undefined });
	const say = (text: string): void => transcript.take(Buffer.from(text), monotonicMs());
	let state: PowerState = 'unpowered';
	let count = 0;
	const boot = (): void => {
		count++;
		if (!(hangs === true && count > 2)) say(boots(count));
	};
	const turn = async (to: PowerState) => {
		if (powerFails !== undefined) throw new Error(powerFails);
		state = to;
		const atMs = monotonicMs();
		if (to === 'powered') boot();
		return { commanded: to, commandedAtMs: atMs, ...(senses === 'unknown' ? {} : { observedAtMs: atMs + 2 }) };
	};
	const power: PowerPort = {
		get commanded() {
			return state;
		},
		on: () => turn('powered'),
		off: () => turn('unpowered'),
		cycle: () => turn('powered'),
		observe: async () => senses ?? state,
	};
	const console: ConsolePort = {
		get receivedBytes() {
			return transcript.received.endBytes;
		},
		mark: () => transcript.mark(),
		expect: (patterns, options) => transcript.expect(patterns, options),
		textSince: (from, to) => transcript.textSince(from, to),
		send: async () => {
			if (state === 'powered' || isFed === true || hasPower === false) say('\r\n> ');
		},
		command: async () => transcript.mark(),
		onLine: (listener) => transcript.onLine(listener),
	};
	return {
		console,
		power: hasPower ? power : undefined,
		...(relayCycles === undefined ? {} : { relayCycles }),
		reset: async () => {
			if (resetIsOpen !== true) boot();
		},
		flasher: {
			assertIdentity: async () => {
				if (flasherFinds !== undefined) throw new Error(`a was expected, ${flasherFinds} answers`);
			},
			flash: async () => {},
		},
	};
};

const check = async (ills: Ills, spec = SPEC()): Promise<readonly CheckStep[]> => {
	const steps: CheckStep[] = [];
	for await (const step of checkBoard(spec, makeBoard(ills))) steps.push(step);
	return steps;
};

const say = (steps: readonly CheckStep[]): string => steps.map(({ step, state, what, remedy = '' }) => `${step} ${state}: ${what} -> ${remedy}`).join('\n');

test('a good board is powered, read, reset, cut, sensed, powered again and told by its flasher', async (t) => {
	const steps = await check({});
	t.deepEqual(
		steps.map(({ step, state }) => `${step} ${state}`),
		['power good', 'boot good', 'reset good', 'power good', 'cut good', 'sense good', 'power good', 'cut good', 'flasher good'],
	);
	t.regex(say(steps), /power good: powered: seen 2\.0 ms after it was told/);
	t.regex(say(steps), /cut good: cut and back: "boot: blackstart-avr 1\.0 nonce=00000003 reset=power"/);
});

const ILLS: readonly (readonly [title: string, ills: Ills, said: RegExp])[] = [
	[
		'a console that is not connected',
		{ boots: () => '' },
		/^boot wrong: .* was expected within 60 ms, its console says nothing -> see that RX and TX are crossed/m,
	],
	[
		'another baud rate',
		{ boots: () => '\ufffd\u0001\ufffd\ufffd\u0002x\ufffd' },
		/^boot wrong: .* what comes is no text: .* -> see its baud rate, 500000 here$/m,
	],
	['another firmware', { boots: () => 'U-Boot 2025.01\r\n' }, /^boot wrong: .* it said "U-Boot 2025\.01" -> see console\.boot of its type$/m],
	[
		'a boot that ends in nothing',
		{ boots: () => 'boot: blackstart-avr 1.0 nonce=00000001 reset=power\r\n' },
		/^boot wrong: \^app.* was expected within 60 ms, it said/m,
	],
	[
		'nothing on it that runs',
		{ boots: (n) => `boot: blackstart-avr 1.0 nonce=0000000${n} reset=power\r\nrecovery> ` },
		/^boot doubtful: .* then waits in its recovery.* -> blackstart rig repair a$/m,
	],
	[
		'a supply that does not answer',
		{ powerFails: 'relay: no answer in 10000 ms' },
		/^power wrong: relay: no answer in 10000 ms -> see that the supply behind driver virtual is there/,
	],
	['a relay that is wired the other way round', { senses: 'unpowered' }, /^power wrong: powered was expected, unpowered is sensed -> .*activeLow/],
	['a relay that is worn out', { relayCycles: 9 }, /^power doubtful: its relay has switched 9 times, and is made for 9 -> replace it, then remove a@/m],
	['a relay that sticks', { senses: 'powered' }, /^power wrong: unpowered was expected, powered is sensed/m],
	['a line that feeds it', { isFed: true }, /^cut wrong: silence was expected after the cut, it says ">" -> .*backfeed/m],
	['nothing that senses power', { senses: 'unknown' }, /^sense doubtful: nothing sees whether it is off: cuts are told, not observed -> power\.sense/m],
	['a reset line that goes nowhere', { resetIsOpen: true }, /^reset wrong: no boot was seen within 60 ms of a pulse of its reset line -> see the wiring/m],
	['old output', { boots: () => goodBoot(1) }, /^cut wrong: a boot of its own was expected after the cut, its console says the same as before/m],
	['a board that latches half powered', { hangs: true }, /^cut wrong: it did not boot when power returned -> .*offTime/m],
	['another board behind the flasher', { flasherFinds: 'b' }, /^flasher wrong: a was expected, b answers -> see identity/m],
	['a panic', { boots: (n) => goodBoot(n).replace('boot: start', 'panic: x\r\nboot: start') }, /^boot doubtful: .* and says \^panic: /m],
];
for (const [title, ills, said] of ILLS) {
	test(`the check of a board sees ${title}`, async (t) => {
		t.regex(say(await check(ills)), said);
	});
}

test('what a board lacks is skipped with the reason, and a board that is never cut is asked for its prompt', async (t) => {
	const spec = { ...SPEC(), power: undefined };
	const steps = await check({ hasPower: false }, { ...spec, type: { ...spec.type, console: { ...spec.type.console, ready: undefined } } });
	t.deepEqual(
		steps.map(({ step, state }) => `${step} ${state}`),
		['power skipped', 'boot good', 'reset good', 'flasher good'],
	);
});

test('another board at its place is seen by what its console says', async (t) => {
	t.regex(say(await check({}, SPEC(', identity: { banner: "app: sensor" }'))), /^identity good/m);
	t.regex(
		say(await check({}, SPEC(', identity: { banner: "app: gateway" }'))),
		/^identity wrong: app: gateway was expected on its console, it said .* -> another board may be plugged in/m,
	);
});
