import type { BoardFlashArea } from '../board/factory.js';
import type { QemuHardware } from './hardware.js';
import { QemuProcess } from './qemu-process.js';

export interface QemuMachineOptions {
	/** Program that runs it. */
	readonly qemu: string;
	readonly hardware: QemuHardware;
	/** For the sockets of a QEMU that runs. */
	readonly folder: string;
	readonly onOutput: (bytes: Uint8Array) => void;
	readonly onFault: (message: string) => void;
}

/** One emulated machine: powered is a QEMU that runs, unpowered is none. */
export class QemuMachineRun {
	readonly #options: QemuMachineOptions;
	#process: QemuProcess | null = null;
	/** Its memory holds what it kept: from here on there is something to lose. */
	#isLoaded = false;
	#isCommanded = false;
	#isPowered = false;
	#isHeld = false;
	/** Starts and ends of QEMU, one after the other. */
	#turn: Promise<void> = Promise.resolve();
	#cutsOn: string | null = null;
	/** The end of what was said, as long as the text that is waited for. */
	#tail = '';

	constructor(options: QemuMachineOptions) {
		this.#options = options;
	}

	/** The rail, not the command. */
	get isPowered(): boolean {
		return this.#isPowered;
	}

	get isHeld(): boolean {
		return this.#isHeld;
	}

	setPower(on: boolean): void {
		if (on === this.#isCommanded) return;
		this.#isCommanded = on;
		if (on) void this.#inTurn(() => this.#start());
		else this.#loseSupply();
	}

	/** The supply fails once, as soon as the console has said that. */
	cutOn(text: string): void {
		if (text === '') throw new RangeError('text: some text was expected, got none');
		this.#cutsOn = text;
		this.#tail = '';
	}

	/** Held, the processor stands still; let go, it begins anew. */
	setReset(held: boolean): void {
		if (held === this.#isHeld) return;
		this.#isHeld = held;
		if (!this.#isLoaded) return;
		for (const order of held ? ['stop'] : ['system_reset', 'cont']) this.#process?.tell(order);
	}

	/** Throws where a programmer could not reach it. */
	assertHeld(): void {
		if (!this.#isPowered) throw new Error('power was expected, the board has none');
		if (!this.#isHeld) throw new Error('RESET was expected to be held, the board runs');
	}

	/** As a programmer does while the processor is held in reset. Rejects with a RangeError for an image that does not fit. */
	async program(area: BoardFlashArea, image: Uint8Array): Promise<void> {
		this.assertHeld();
		const { hardware } = this.#options;
		let failure: unknown;
		await this.#inTurn(async () => {
			await this.#end();
			try {
				hardware.program(area, image);
			} catch (error) {
				failure = error;
			}
			await this.#start();
		});
		if (failure !== undefined) throw failure;
	}

	/** Lost without power, and in reset. */
	receive(bytes: Uint8Array): void {
		if (!this.#isHeld && this.#isLoaded) this.#process?.send(bytes);
	}

	async stop(): Promise<void> {
		this.setPower(false);
		await this.#turn;
	}

	async #start(): Promise<void> {
		if (this.#process !== null || !this.#isCommanded) return;
		const { qemu, hardware, folder, onOutput, onFault } = this.#options;
		const process = new QemuProcess({
			qemu,
			words: hardware.words,
			folder,
			onOutput: (bytes) => {
				if (this.#process !== process) return;
				onOutput(bytes);
				this.#cutWhereAsked(bytes);
			},
		});
		this.#process = process;
		this.#isPowered = true;
		void process.ended.then((complaint) => {
			if (this.#process !== process) return;
			this.#forget();
			onFault(`${qemu} ended by itself: ${complaint}`);
		});
		try {
			await process.attach();
			await hardware.memory?.restore(process.gdbPath);
			if (this.#process !== process) return;
			this.#isLoaded = true;
			for (const order of this.#isHeld ? ['system_reset'] : ['system_reset', 'cont']) process.tell(order);
		} catch (error) {
			if (this.#process !== process) return;
			onFault((error as Error).message);
			this.#forget();
			process.kill();
		}
	}

	/** The supply fails now; the machine's files hold what it leaves when the turn comes to whoever is next. */
	#loseSupply(): void {
		const ending = this.#end();
		void this.#inTurn(() => ending);
	}

	/** Takes the supply away, keeps what outlives it, and waits until QEMU is gone. */
	async #end(): Promise<void> {
		const process = this.#process;
		if (process === null) return;
		const { memory } = this.#options.hardware;
		try {
			if (memory !== undefined && this.#isLoaded) {
				await process.ask('stop');
				if (this.#process === process) this.#forget();
				await process.ask('memsave', memory.draft);
				process.kill();
				await process.ended;
				memory.keep();
				return;
			}
		} catch (error) {
			this.#options.onFault((error as Error).message);
		}
		if (this.#process === process) this.#forget();
		process.kill();
		await process.ended;
	}

	#cutWhereAsked(bytes: Uint8Array): void {
		const text = this.#cutsOn;
		if (text === null) return;
		const said = this.#tail + Buffer.from(bytes).toString('latin1');
		this.#tail = said.slice(-text.length);
		if (!said.includes(text)) return;
		this.#cutsOn = null;
		this.#loseSupply();
	}

	#forget(): void {
		this.#process = null;
		this.#isLoaded = false;
		this.#isPowered = false;
	}

	#inTurn(task: () => Promise<void>): Promise<void> {
		const turn = this.#turn.then(task);
		this.#turn = turn.catch((error: Error) => this.#options.onFault(error.message));
		return turn;
	}
}
