import test from 'ava';
import type { Geometry } from '../../harness/flash/index.js';
import { type SweptCut, sweepCuts } from '../../harness/flash/index.js';
import { AbMachine } from './ab-machine.js';
import type { BootDecision } from './index.js';

const GEOMETRIES: readonly Partial<Geometry>[] = [1, 4, 8, 16, 32].flatMap((writeSizeBytes) =>
	[true, false].map((writeOnce) => ({ writeSizeBytes, writeOnce })),
);

/** What had been done when power went, beside what the flash says. */
interface Progress {
	requested: boolean;
	confirming: boolean;
	confirmed: boolean;
	acknowledging: boolean;
}

const openMachine = (geometry: Partial<Geometry>, trialBoots: number): AbMachine => {
	const machine = new AbMachine({ geometry, settings: { trialBoots, verifyEveryBoot: true } });
	machine.install('a', { major: 1, securityCounter: 1 });
	machine.bootloader.provision('a');
	machine.install('b', { major: 2, securityCounter: 2 });
	return machine;
};

const wrong = (message: string, facts: object): never => {
	throw new Error(`${message}: ${JSON.stringify(facts)}`);
};

const isTrialOf = (decision: BootDecision, slot: 'a' | 'b'): boolean => decision.kind === 'run' && decision.slot === slot && decision.trial;

/** Runs a session that may lose power, keeping what was done before. */
class CutSession {
	readonly machine: AbMachine;
	readonly #trialBoots: number;
	#progress: Progress = { requested: false, confirming: false, confirmed: false, acknowledging: false };

	constructor(machine: AbMachine, trialBoots: number) {
		this.machine = machine;
		this.#trialBoots = trialBoots;
	}

	begin(): void {
		this.machine.counter = 1;
		this.machine.ran = [];
		this.#progress = { requested: false, confirming: false, confirmed: false, acknowledging: false };
	}

	/** Request, trial, confirm, next boot. */
	update(): void {
		this.begin();
		this.machine.bootloader.requestTrial('b');
		this.#progress.requested = true;
		this.machine.boot();
		this.#progress.confirming = true;
		this.machine.bootloader.confirm();
		this.#progress.confirmed = true;
		this.machine.boot();
	}

	/** Request, every trial boot, the return, its acknowledgement. */
	revert(): void {
		this.begin();
		this.machine.bootloader.requestTrial('b');
		this.#progress.requested = true;
		for (let boot = 0; boot <= this.#trialBoots; boot++) this.machine.boot();
		this.#progress.acknowledging = true;
		this.machine.bootloader.acknowledgeRevert();
	}

	/** Boots until a confirmed image runs, confirming nothing; then judges everything that must hold. */
	settle(cut: SweptCut): void {
		const { machine } = this;
		const progress = this.#progress;
		const first = machine.boot();
		for (let boot = 0; boot <= this.#trialBoots; boot++) machine.boot();
		this.judge(cut, { first, last: machine.boot() });
		if (progress.confirmed && !(first.kind === 'run' && first.slot === 'b' && !first.trial)) wrong('a confirmed image was lost', { cut, first });
		if (progress.requested && !progress.confirming && isTrialOf(first, 'a')) wrong('a confirmed image lost its confirmation', { cut, first });
	}

	judge(cut: SweptCut, boots: { readonly first: BootDecision; readonly last: BootDecision }): void {
		const { machine } = this;
		const { first, last } = boots;
		const { confirming, acknowledging } = this.#progress;
		if (first.kind !== 'run' || last.kind !== 'run') throw new Error(`nothing boots: ${JSON.stringify({ cut, first, last })}`);
		if (last.trial) wrong('a trial without end', { cut, last });
		if (machine.trialsOf('b') > this.#trialBoots) wrong('a trial had too many boots', { cut, ran: machine.ran });
		if (machine.trialsOf('a') > 0) wrong('the confirmed image was put on trial', { cut, ran: machine.ran });
		if (!confirming && last.slot !== 'a') wrong('an image was confirmed that nobody confirmed', { cut, last });
		if (machine.counter !== (last.slot === 'b' ? 2 : 1)) wrong('the counter is not that of the confirmed image', { cut, counter: machine.counter });
		const state = machine.bootloader.state();
		const tried = machine.trialsOf('b') > 0;
		if (last.slot === 'a' && tried && !acknowledging && state?.lastRevert !== 'not-confirmed') wrong('the reason of the return was lost', { cut, state });
		for (const slot of ['a', 'b'] as const) {
			if (!machine.judge(slot).ok) wrong('the bootloader touched an image', { cut, slot });
		}
	}
}

for (const geometry of GEOMETRIES) {
	for (const kind of ['update', 'revert'] as const) {
		test(`power lost at every operation of ${kind} leaves one image confirmed and no trial without end: ${JSON.stringify(geometry)}`, (t) => {
			const machine = openMachine(geometry, 2);
			const session = new CutSession(machine, 2);
			const cuts = sweepCuts({
				flash: machine.flash,
				start: machine.flash.snapshot(),
				session: () => session[kind](),
				check: (cut) => session.settle(cut),
				seeds: 4,
			});
			t.true(cuts >= 6 * 15, `${cuts} cuts`);
		});
	}
}

for (const geometry of [{ writeSizeBytes: 1 }, { writeSizeBytes: 32, writeOnce: true }]) {
	for (const kind of ['update', 'revert'] as const) {
		test(`power lost twice, at every pair of operations of ${kind} and what follows, does no harm: ${JSON.stringify(geometry)}`, (t) => {
			const machine = openMachine(geometry, 1);
			const session = new CutSession(machine, 1);
			let pairs = 0;
			const check = (first: SweptCut): void => {
				const { ran, counter } = machine;
				const again = (): void => {
					machine.ran = ran;
					machine.counter = counter;
					for (let boot = 0; boot < 3; boot++) machine.boot();
				};
				pairs += sweepCuts({
					flash: machine.flash,
					start: machine.flash.snapshot(),
					session: again,
					check: (second) => session.settle({ ...second, ...{ first } }),
					seeds: 2,
				});
			};
			sweepCuts({ flash: machine.flash, start: machine.flash.snapshot(), session: () => session[kind](), check, seeds: 2 });
			t.true(pairs > 200, `${pairs} pairs`);
		});
	}
}

test('both records torn by power that failed twice still leave a device that boots', (t) => {
	for (const tear of ['prefix', 'half', 'bits', 'unreadable'] as const) {
		const machine = openMachine({ writeOnce: true, writeSizeBytes: 8 }, 1);
		for (const { offsetBytes, sizeBytes } of machine.layout.records) {
			machine.flash.armCut({ operation: 0, tear });
			t.throws(() => machine.flash.erase(offsetBytes, sizeBytes));
			machine.flash.powerOn();
			machine.flash.armCut({ operation: 1, tear });
			t.throws(() => {
				machine.flash.erase(offsetBytes, sizeBytes);
				machine.flash.program(offsetBytes, new Uint8Array(32).fill(1));
			});
			machine.flash.powerOn();
		}
		t.is(machine.bootloader.state(), null);
		t.like(machine.boot(), { slot: 'b', trial: true });
		t.like(machine.boot(), { slot: 'a', trial: true });
		machine.bootloader.confirm();
		t.like(machine.boot(), { slot: 'a', trial: false });
	}
});
