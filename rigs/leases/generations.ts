import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Generation {
	readonly number: number;
	readonly content: string;
}

/**
 * One value that many processes agree on without a lock: a file for each generation, of which the highest counts. A next one
 * is made in one step, so that of many who saw the same highest only one succeeds it; the highest itself is never removed.
 *
 * A process that is slow may make a generation that was there and was removed since: it then finds a higher one, which was
 * made before that removal, and withdraws.
 */
export class Generations {
	readonly #folder: string;
	readonly #name: string;

	constructor(folder: string, name: string) {
		this.#folder = folder;
		this.#name = name;
	}

	highest(): Generation | undefined {
		for (;;) {
			const number = Math.max(-1, ...this.#numbers());
			if (number < 0) return undefined;
			const content = readIfThere(this.#path(number));
			// Removed since, so there is a higher one.
			if (content !== undefined) return { number, content };
		}
	}

	/** Whether it now is the highest; false where another was quicker. */
	succeed(previous: Generation | undefined, content: string): Generation | undefined {
		const number = (previous?.number ?? 0) + 1;
		const whole = this.#write(content);
		try {
			linkSync(whole, this.#path(number));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
			throw error;
		} finally {
			rmSync(whole, { force: true });
		}
		const numbers = this.#numbers();
		if (numbers.some((other) => other > number)) {
			rmSync(this.#path(number), { force: true });
			return undefined;
		}
		for (const old of numbers) if (old < number) rmSync(this.#path(old), { force: true });
		return { number, content };
	}

	/** For its maker alone: others make higher ones. */
	rewrite(number: number, content: string): void {
		renameSync(this.#write(content), this.#path(number));
	}

	#numbers(): readonly number[] {
		const prefix = `${this.#name}.`;
		return readdirSync(this.#folder).flatMap((file) => {
			const number = file.startsWith(prefix) ? file.slice(prefix.length) : '';
			return /^\d{1,15}$/.test(number) ? [Number(number)] : [];
		});
	}

	#path(number: number): string {
		return join(this.#folder, `${this.#name}.${number}`);
	}

	#write(content: string): string {
		const path = join(this.#folder, `${this.#name}.new-${process.pid}-${process.hrtime.bigint()}`);
		writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
		return path;
	}
}

const readIfThere = (path: string): string | undefined => {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
};
