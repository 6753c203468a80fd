import type { SectorRun } from '../../../simulators/bootloader/index.js';
import { UsageError } from '../usage-error.js';

/** Runs of equal sectors as text: `2x8192+1x65536`. */
export const encodeRuns = (runs: readonly SectorRun[]): string => runs.map(({ count, sizeBytes }) => `${count}x${sizeBytes}`).join('+');

/** Throws a UsageError that begins with `where`. */
export const parseRuns = (text: string, where: string): readonly SectorRun[] =>
	text.split('+').map((run) => {
		const [, count, sizeBytes] = /^([1-9]\d{0,3})x([1-9]\d{0,6})$/.exec(run) ?? [];
		if (count === undefined) throw new UsageError(`${where} sectors like 2x8192 or 2x8192+1x65536 were expected, got '${text}'`);
		return { count: Number(count), sizeBytes: Number(sizeBytes) };
	});
