import type { Sector } from '../../../harness/flash/index.js';
import type { SlotPart } from './slot-part.js';
import { doStep, lastEntryOf, type McubootParts, type SwapProgress, type SwapStrategy, writeStartTrailer } from './swap-progress.js';

/** Steps for each sector once all are moved up: secondary to primary, then what was moved up to the secondary. */
const SWAP_STEPS = 2;

/**
 * Swap by move: the primary's image goes up by one sector, the last sector first; then sector after sector, the lowest
 * first, comes from the secondary, and the one moved up goes there. Status: an entry for each sector moved up, counted from
 * the last, in the first BOOT_MAX_IMG_SECTORS entries; two for each swapped behind them. Every sector counts as long as the first one.
 */
export const createSwapMove = (parts: McubootParts, options: { readonly erasedByte: number }): SwapStrategy => {
	const { primary, secondary } = parts;
	const sectorBytes = sectorSizeOf(primary, secondary);
	const trailerSectors = trailerSectorsOf(primary, sectorBytes);
	const { entriesPerSector, statusEntries } = primary.trailer.fields;
	const moveEntries = statusEntries / entriesPerSector;
	/** Sectors that a swap of so many bytes covers. */
	const sectorsOf = (sizeBytes: number): number => Math.max(1, Math.ceil(sizeBytes / sectorBytes));

	const moveUp = (sector: number, progress: SwapProgress): void => {
		if (progress.index === 1) {
			if (progress.source !== 'primary') {
				primary.eraseTrailer();
				writeStartTrailer(parts, { to: primary, progress });
			}
			if (parts.rules.startClearsRequest) secondary.eraseTrailer();
		}
		const work = (): void => {
			const [fromBytes, toBytes] = [primary.sectorAtBytes(sector - 1), primary.sectorAtBytes(sector)];
			primary.erase(toBytes, sectorBytes);
			primary.copyFrom(primary, { fromBytes, toBytes, sizeBytes: sectorBytes });
		};
		doStep(parts, { progress, entry: progress.index - 1, work });
		progress.index++;
	};

	const swapSector = (sector: number, progress: SwapProgress): void => {
		const atBytes = primary.sectorAtBytes(sector - 1);
		const entry = moveEntries + (sector - 1) * SWAP_STEPS;
		if (progress.state === 1) {
			const work = (): void => {
				primary.erase(atBytes, sectorBytes);
				primary.copyFrom(secondary, { fromBytes: atBytes, toBytes: atBytes, sizeBytes: sectorBytes });
			};
			doStep(parts, { progress, entry, work });
			progress.state = 2;
		}
		const work = (): void => {
			secondary.erase(atBytes, sectorBytes);
			secondary.copyFrom(primary, { fromBytes: primary.sectorAtBytes(sector), toBytes: atBytes, sizeBytes: sectorBytes });
		};
		doStep(parts, { progress, entry: entry + 1, work });
		progress.index++;
		progress.state = 1;
	};

	return {
		firstOp: 'move',
		largestImageBytes: Math.min(
			(primary.sectors.length - trailerSectors - 1) * sectorBytes,
			(secondary.sectors.length - trailerSectors) * sectorBytes,
			...[primary, secondary].map(({ area, trailer }) => area.sizeBytes - trailer.fields.sizeBytes),
		),
		readStatus: (part, progress) => {
			const last = lastEntryOf(part.trailer.readStatus(statusEntries), { entries: statusEntries, erasedByte: options.erasedByte });
			if (last === 0) return;
			if (last < moveEntries) progress.index = last + 1;
			else {
				progress.op = 'swap';
				progress.index = Math.floor((last - moveEntries) / SWAP_STEPS) + 1;
				progress.state = ((last - moveEntries) % SWAP_STEPS) + 1;
			}
		},
		locateHeader: (slot, { op, index, state }) => {
			const last = sectorsOf(primary.trailer.readSwapSize());
			const own = slot === 'primary' ? primary : secondary;
			const other = slot === 'primary' ? secondary : primary;
			if (op === 'move') return { part: own, offsetBytes: slot === 'primary' && index > last ? sectorBytes : 0 };
			if (index > 1 && index <= last) return { part: other, offsetBytes: 0 };
			if (index !== 1) return { part: own, offsetBytes: 0 };
			if (slot === 'primary') return { part: own, offsetBytes: sectorBytes };
			return { part: state === 2 ? other : own, offsetBytes: 0 };
		},
		run: (progress) => {
			const last = sectorsOf(progress.sizeBytes);
			const isFresh = progress.op === 'move' && progress.index === 1 && progress.state === 1;
			if (isFresh && last >= primary.sectors.length - trailerSectors) {
				progress.swapType = 'none';
				return;
			}
			if (isFresh && progress.swapType === 'revert') noteRevert(parts, progress);
			if (progress.op === 'move') {
				for (let sector = last - progress.index + 1; sector > 0; sector--) moveUp(sector, progress);
				progress.index = 1;
			}
			progress.op = 'swap';
			for (let sector = progress.index; sector <= last; sector++) swapSector(sector, progress);
		},
	};
};

/** Makes the revert look like a request for good, which survives the moment in which the primary has no trailer. */
const noteRevert = ({ secondary, rules }: McubootParts, progress: SwapProgress): void => {
	if (!rules.revertIsNoted || secondary.trailer.readMagic() !== 'unset') return;
	secondary.eraseTrailer();
	secondary.trailer.writeImageOk();
	secondary.trailer.writeSwapSize(progress.sizeBytes);
	secondary.trailer.writeMagic();
};

/** Swaps without a scratch area take the primary's first sector for all of them. Throws a RangeError where the slots' sectors do not answer each other. */
export const sectorSizeOf = (primary: SlotPart, secondary: SlotPart): number => {
	const answering = Math.min(primary.sectors.length, secondary.sectors.length);
	for (let index = 0; index < answering; index++) {
		const [one, other] = [primary.sectors[index] as Sector, secondary.sectors[index] as Sector];
		if (one.sizeBytes !== other.sizeBytes)
			throw new RangeError(`layout: sector ${index} of one size in both slots was expected, got ${one.sizeBytes} and ${other.sizeBytes} bytes`);
	}
	return (primary.sectors[0] as Sector).sizeBytes;
};

/** Sectors that the trailer takes of a slot, each as long as the first one. */
export const trailerSectorsOf = ({ trailer }: SlotPart, sectorBytes: number): number => Math.ceil(trailer.fields.sizeBytes / sectorBytes);
