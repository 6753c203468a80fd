import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../monotonic.js';
import { type FoundLine, readLines } from './find-line.js';
import { GpioError } from './gpio-error.js';
import { codeOfComplaint, type Environment } from './run-tool.js';

const HOLD_WITHIN_MS = 3000;
const POLL_MS = 5;

/**
 * A `gpioset` that lives for as long as it holds its line. Its input is a pipe from this process: when this process ends, however it ends, the
 * input ends, and with it the tool and its hold.
 */
export class Gpioset implements AsyncDisposable {
	readonly #child: ChildProcess;
	readonly #name: string;
	readonly #exited: Promise<void>;
	#said = '';
	#complaint = '';
	#wake: () => void = () => undefined;

	private constructor(child: ChildProcess, name: string) {
		this.#child = child;
		this.#name = name;
		child.stdout?.setEncoding('utf8').on('data', (text: string) => {
			this.#said = (this.#said + text).slice(-4096);
			this.#wake();
		});
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			this.#complaint = (this.#complaint + text).slice(-1000);
		});
		child.stdin?.on('error', () => undefined);
		this.#exited = new Promise((resolve) => {
			const end = (): void => {
				resolve();
				this.#wake();
			};
			child.once('close', end);
			child.once('error', (error) => {
				this.#complaint = error.message;
				end();
			});
		});
	}

	/** Resolves once the line is held; the tool requests it with its level in one step. */
	static async hold(
		args: readonly string[],
		{ name, line, env }: { readonly name: string; readonly line: FoundLine; readonly env: Environment },
	): Promise<Gpioset> {
		const gpioset = new Gpioset(spawn('gpioset', args, { env: { ...env, LC_ALL: 'C' }, stdio: 'pipe' }), name);
		try {
			const deadlineMs = monotonicMs() + HOLD_WITHIN_MS;
			while (!(await gpioset.#holds(line, env))) {
				if (gpioset.hasEnded) throw gpioset.#lost('ended at once');
				if (monotonicMs() > deadlineMs) throw new GpioError('timeout', `${name}: gpioset does not hold the line after ${HOLD_WITHIN_MS} ms`);
				await sleep(POLL_MS);
			}
			if (gpioset.hasEnded) throw gpioset.#lost('ended at once');
			return gpioset;
		} catch (error) {
			await gpioset[Symbol.asyncDispose]();
			throw error;
		}
	}

	get hasEnded(): boolean {
		return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined;
	}

	assertHolding(): void {
		if (this.hasEnded) throw this.#lost('ended, and the line is undriven');
	}

	/** Says something to an interactive gpioset, and waits for what it answers. */
	async converse(words: string, answer: RegExp): Promise<RegExpExecArray> {
		this.assertHolding();
		this.#said = '';
		this.#child.stdin?.write(`${words}\n`);
		const deadlineMs = monotonicMs() + HOLD_WITHIN_MS;
		for (;;) {
			const match = answer.exec(this.#said);
			if (match !== null) return match;
			this.assertHolding();
			const leftMs = deadlineMs - monotonicMs();
			if (leftMs <= 0)
				throw new GpioError(
					'timeout',
					`${this.#name}: gpioset did not answer ${JSON.stringify(words)} in ${HOLD_WITHIN_MS} ms; it said ${JSON.stringify(this.#said)}`,
				);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, leftMs);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#child.pid === undefined) return;
		this.#child.stdin?.end();
		const timer = setTimeout(() => this.#child.kill('SIGKILL'), HOLD_WITHIN_MS);
		await this.#exited;
		clearTimeout(timer);
	}

	async #holds(line: FoundLine, env: Environment): Promise<boolean> {
		const lines = await readLines(line.chip, { what: this.#name, env });
		return lines.some(({ offset, used }) => offset === line.offset && used) && !this.hasEnded;
	}

	#lost(how: string): GpioError {
		const why = this.#complaint.trim();
		return new GpioError(why === '' ? 'lost' : codeOfComplaint(why), `${this.#name}: gpioset ${how}${why === '' ? '' : `: ${why}`}`);
	}
}
