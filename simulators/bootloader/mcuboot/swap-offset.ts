import { isRevertAsked } from './asked-swap.js';
import type { HeaderPlace, SlotHeader } from './slot-image.js';
import { sectorSizeOf, trailerSectorsOf } from './swap-move.js';
import { doStep, lastEntryOf, type McubootParts, type SwapHeaders, type SwapProgress, type SwapStrategy, writeStartTrailer } from './swap-progress.js';

const STEPS = 2;

/**
 * Swap by offset: the new image lies one sector into the secondary, so that each sector of the primary goes to the place
 * before that of its successor, the lowest first; a revert goes the other way round. Two status entries a sector. Sectors
 * that neither image uses are only noted. Every sector counts as long as the first one.
 */
export const createSwapOffset = (parts: McubootParts, options: { readonly erasedByte: number }): SwapStrategy => {
	const { primary, secondary } = parts;
	const sectorBytes = sectorSizeOf(primary, secondary);
	const trailerSectors = trailerSectorsOf(primary, sectorBytes);
	const { statusEntries } = primary.trailer.fields;
	const lastIndexOf = (sizeBytes: number): number => Math.max(0, Math.ceil(sizeBytes / sectorBytes) - 1);
	const isRevert = (progress: SwapProgress): boolean => progress.swapType === 'revert' || isRevertAsked(parts);

	/** Sector `sector` of the primary goes out to sector `out` of the secondary, then sector `into` of the secondary comes in. */
	const swapSector = (progress: SwapProgress, step: { sector: number; out: number; into: number; keepsPrimary: boolean; keepsSecondary: boolean }): void => {
		const atBytes = primary.sectorAtBytes(step.sector);
		const entry = (progress.index - 1) * STEPS;
		if (progress.state === 1) {
			const work = (): void => {
				if (step.keepsPrimary) return;
				const outBytes = secondary.sectorAtBytes(step.out);
				secondary.erase(outBytes, sectorBytes);
				secondary.copyFrom(primary, { fromBytes: atBytes, toBytes: outBytes, sizeBytes: sectorBytes });
			};
			doStep(parts, { progress, entry, work });
			progress.state = 2;
		}
		const work = (): void => {
			if (step.keepsSecondary) return;
			primary.erase(atBytes, sectorBytes);
			primary.copyFrom(secondary, { fromBytes: secondary.sectorAtBytes(step.into), toBytes: atBytes, sizeBytes: sectorBytes });
		};
		doStep(parts, { progress, entry: entry + 1, work });
		progress.index++;
		progress.state = 1;
	};

	const start = (progress: SwapProgress): void => {
		if (progress.source !== 'primary') {
			primary.eraseTrailer();
			writeStartTrailer(parts, { to: primary, progress });
		}
		if (parts.rules.startClearsRequest) secondary.eraseTrailer();
	};

	const usedSectors = (header: SlotHeader, tlvBytes: number): number => Math.ceil((header.tlvAtBytes + header.protectedTlvBytes + tlvBytes) / sectorBytes);

	const swapAll = (progress: SwapProgress, headers: SwapHeaders): void => {
		const last = lastIndexOf(progress.sizeBytes);
		const tlvBytes = primary.trailer.readTlvSizes();
		const used = { primary: usedSectors(headers.primary, tlvBytes.primary), secondary: usedSectors(headers.secondary, tlvBytes.secondary) };
		const reverts = isRevert(progress);
		for (let done = progress.index - 1; done <= last; done++) {
			const sector = reverts ? last - done : done;
			const [out, into] = reverts ? [sector + 1, sector] : [sector, sector + 1];
			swapSector(progress, { sector, out, into, keepsPrimary: sector > used.primary, keepsSecondary: sector > used.secondary });
		}
		if (!reverts) return;
		// What is left of the header that came in must not pass for an image, and the note of the revert is done with.
		secondary.erase(0, sectorBytes);
		secondary.eraseTrailer();
	};

	return {
		firstOp: 'swap',
		largestImageBytes: Math.min(
			(primary.sectors.length - trailerSectors) * sectorBytes,
			(secondary.sectors.length - trailerSectors - 1) * sectorBytes,
			primary.area.sizeBytes - primary.trailer.fields.sizeBytes,
			secondary.area.sizeBytes - sectorBytes - secondary.trailer.fields.sizeBytes,
		),
		readStatus: (part, progress) => {
			const last = lastEntryOf(part.trailer.readStatus(statusEntries), { entries: statusEntries, erasedByte: options.erasedByte });
			progress.index = Math.floor(last / STEPS) + 1;
			progress.state = (last % STEPS) + 1;
		},
		locateHeader: (slot, progress) => {
			const last = lastIndexOf(primary.trailer.readSwapSize());
			return isRevert(progress) ? placeInRevert(parts, { slot, progress, last, sectorBytes }) : placeInUpgrade(parts, { slot, progress, last, sectorBytes });
		},
		run: (progress, headers) => {
			const isFresh = progress.index === 1 && progress.state === 1;
			if (isFresh && lastIndexOf(progress.sizeBytes) >= primary.sectors.length - trailerSectors) {
				progress.swapType = 'none';
				return;
			}
			if (progress.swapType === 'revert' && progress.index === 1) noteRevert(parts, progress);
			if (progress.index === 1) start(progress);
			swapAll(progress, headers);
		},
	};
};

interface Search {
	readonly slot: 'primary' | 'secondary';
	readonly progress: SwapProgress;
	/** Index of the last sector that the swap covers, from 0. */
	readonly last: number;
	readonly sectorBytes: number;
}

const placeInUpgrade = ({ primary, secondary }: McubootParts, { slot, progress: { index, state }, last, sectorBytes }: Search): HeaderPlace => {
	const isOut = (index > 1 || (index === 1 && state === 2)) && index <= last;
	if (slot === 'primary') return { part: isOut ? secondary : primary, offsetBytes: 0 };
	return index > 1 ? { part: primary, offsetBytes: 0 } : { part: secondary, offsetBytes: sectorBytes };
};

const placeInRevert = ({ primary, secondary }: McubootParts, { slot, progress: { index, state }, last, sectorBytes }: Search): HeaderPlace => {
	const done = index - 1;
	if (slot === 'primary')
		return done > last || (done === last && state === 2) ? { part: secondary, offsetBytes: sectorBytes } : { part: primary, offsetBytes: 0 };
	return { part: done > last || (done === last && state === 3) ? primary : secondary, offsetBytes: 0 };
};

/** Notes the revert in the secondary's trailer, where a row of the swap table knows it again. */
const noteRevert = (parts: McubootParts, progress: SwapProgress): void => {
	const { secondary, rules } = parts;
	if (!rules.revertIsNoted || secondary.trailer.readMagic() !== 'unset') return;
	secondary.eraseTrailer();
	secondary.trailer.writeCopyDone();
	writeStartTrailer(parts, { to: secondary, progress });
};
