import type { DeviceOutcome } from '../../harness/events/index.js';
import type { CutMap } from './run-data.js';

/** The worst first. */
const WORST: readonly string[] = ['bricked', 'stuck', 'unknown', 'unchanged', 'refused', 'reverted', 'updated'] satisfies readonly (
	| DeviceOutcome
	| 'unknown'
)[];
const BY_OPERATION = /^operation (\d+)\b.*, ([\w-]+)$/;
const BY_MESSAGE = /\bmessage (\d+)\b/;
/** A map larger than that is not drawn. */
const MOST_CELLS = 20_000;

/** Gathers power cuts and brown-outs, and at the end what became of each device that had one. */
export class CutMapFold {
	readonly #cuts: { readonly device: string; readonly operation: number; readonly tear: string }[] = [];

	observe(device: string, detail: string): void {
		const [, operation, tear] = BY_OPERATION.exec(detail) ?? [];
		const [, message] = BY_MESSAGE.exec(detail) ?? [];
		if (operation !== undefined && tear !== undefined) this.#cuts.push({ device, operation: Number(operation), tear });
		else if (message !== undefined) this.#cuts.push({ device, operation: Number(message), tear: 'message' });
	}

	finish(outcomeOf: (device: string) => string): CutMap | undefined {
		if (this.#cuts.length === 0) return undefined;
		const tears = [...new Set(this.#cuts.map(({ tear }) => tear))].sort();
		const cells = new Map<string, { tear: number; operation: number; outcome: string; count: number; device: string }>();
		for (const { device, operation, tear } of this.#cuts) {
			const outcome = outcomeOf(device);
			const key = `${tear}/${operation}`;
			const cell = cells.get(key);
			if (cell === undefined) cells.set(key, { tear: tears.indexOf(tear), operation, outcome, count: 1, device });
			else {
				cell.count++;
				if (WORST.indexOf(outcome) < WORST.indexOf(cell.outcome)) Object.assign(cell, { outcome, device });
			}
		}
		if (cells.size > MOST_CELLS) return undefined;
		const operations = Math.max(...this.#cuts.map(({ operation }) => operation)) + 1;
		return { tears, operations, cells: [...cells.values()] };
	}
}
