import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Clock } from '../../../harness/time/index.js';

const KILL_MS = 5000;

export interface PeerCommand {
	readonly command: string;
	readonly args: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
}

/** A client of others as a process, restarted and killed as a case wants it; all that it says is appended to one file. */
export class PeerProcess {
	readonly #logFile: string;
	readonly #clock: Clock;
	#child: ChildProcess | undefined;

	constructor({ logFile, clock }: { readonly logFile: string; readonly clock: Clock }) {
		this.#logFile = logFile;
		this.#clock = clock;
	}

	start({ command, args, env = {} }: PeerCommand): void {
		this.#child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
		this.#child.on('error', (error) => console.error(`${command}: ${error.message}`));
		const log = createWriteStream(this.#logFile, { flags: 'a' });
		this.#child.stdout?.pipe(log, { end: false });
		this.#child.stderr?.pipe(log, { end: false });
	}

	async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
		const child = this.#child;
		this.#child = undefined;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, 'exit');
		child.kill(signal);
		const late = this.#clock.after(KILL_MS, () => child.kill('SIGKILL'));
		await ended;
		late.cancel();
	}
}
