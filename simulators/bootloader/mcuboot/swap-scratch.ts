import type { Sector } from '../../../harness/flash/index.js';
import type { SlotPart } from './slot-part.js';
import { doStep, type McubootParts, type SwapProgress, type SwapStrategy, writeStartTrailer } from './swap-progress.js';
import { McubootTrap } from './trap.js';

/** Secondary to scratch, primary to secondary, scratch to primary. */
const STEPS = 3;

/** What goes through the scratch area at once. */
interface Region {
	readonly offsetBytes: number;
	readonly sizeBytes: number;
}

/**
 * Swap through a scratch area: regions as large as the scratch area, the last one first. Three status entries a region.
 * While the trailer's own sector is swapped the scratch area keeps the status. Slots may differ in their sectors where those of
 * one are multiples of the other's.
 */
export const createSwapScratch = (parts: McubootParts & { readonly scratch: SlotPart }, options: { readonly erasedByte: number }): SwapStrategy => {
	const { primary, secondary, scratch } = parts;
	assertCompatible(parts);
	const trailerBytes = primary.trailer.fields.sizeBytes;

	const regionsOf = (sizeBytes: number): readonly Region[] => {
		const regions: Region[] = [];
		for (let last = lastSectorOf(parts, sizeBytes); last >= 0; ) {
			let first = last + 1;
			let regionBytes = 0;
			while (first > 0 && regionBytes + (primary.sectors[first - 1] as Sector).sizeBytes <= scratch.area.sizeBytes) {
				first--;
				regionBytes += (primary.sectors[first] as Sector).sizeBytes;
			}
			regions.push({ offsetBytes: (primary.sectors[first] as Sector).offsetBytes, sizeBytes: regionBytes });
			last = first - 1;
		}
		return regions;
	};

	/** Of a region, what is image and can pass through the scratch area beside a trailer. */
	const copiedBytes = ({ offsetBytes, sizeBytes }: Region): number => {
		if (offsetBytes + sizeBytes <= (primary.sectors[primary.firstTrailerSector] as Sector).offsetBytes) return sizeBytes;
		return Math.min(primary.area.sizeBytes - offsetBytes - trailerBytes, scratch.area.sizeBytes - scratch.trailer.fields.sizeBytes);
	};

	const toScratch = (progress: SwapProgress, { region, bytes }: { readonly region: Region; readonly bytes: number }): void => {
		scratch.eraseAll();
		if (progress.index === 1) {
			writeStartTrailer(parts, { to: scratch, progress });
			if (!progress.usesScratch) {
				primary.eraseTrailer();
				writeStartTrailer(parts, { to: primary, progress });
				scratch.eraseAll();
			}
		}
		scratch.copyFrom(secondary, { fromBytes: region.offsetBytes, toBytes: 0, sizeBytes: bytes });
	};

	const toSecondary = (progress: SwapProgress, { region, bytes }: { readonly region: Region; readonly bytes: number }): void => {
		let eraseBytes = region.sizeBytes;
		if (progress.index === 1) {
			if (parts.rules.startClearsRequest) secondary.eraseTrailer();
			if (progress.usesScratch) eraseBytes = (secondary.sectors[secondary.firstTrailerSector] as Sector).offsetBytes - region.offsetBytes;
		}
		if (eraseBytes > 0) secondary.erase(region.offsetBytes, eraseBytes);
		secondary.copyFrom(primary, { fromBytes: region.offsetBytes, toBytes: region.offsetBytes, sizeBytes: bytes });
	};

	const toPrimary = (progress: SwapProgress, { region, bytes }: { readonly region: Region; readonly bytes: number }): void => {
		let eraseBytes = region.sizeBytes;
		if (progress.usesScratch) {
			primary.eraseTrailer();
			eraseBytes = (primary.sectors[primary.firstTrailerSector] as Sector).offsetBytes - region.offsetBytes;
		}
		if (eraseBytes > 0) primary.erase(region.offsetBytes, eraseBytes);
		primary.copyFrom(scratch, { fromBytes: 0, toBytes: region.offsetBytes, sizeBytes: bytes });
		if (progress.usesScratch) moveTrailer(progress, region.offsetBytes + bytes);
	};

	/** What the scratch area's trailer says goes to the primary's, the status so far with it. */
	const moveTrailer = (progress: SwapProgress, statusAtBytes: number): void => {
		const statusBytes = ((STEPS - 1) * scratch.trailer.readStatus(STEPS).length) / STEPS;
		primary.copyFrom(scratch, { fromBytes: scratch.trailer.startBytes - scratch.area.offsetBytes, toBytes: statusAtBytes, sizeBytes: statusBytes });
		const { imageOk, swapType } = scratch.trailer.read();
		if (imageOk === 'set') primary.trailer.writeImageOk();
		if (swapType !== 'none') primary.trailer.writeSwapInfo(swapType);
		primary.trailer.writeSwapSize(progress.sizeBytes);
		primary.trailer.writeMagic();
	};

	const swapRegion = (region: Region, progress: SwapProgress): void => {
		const what = { region, bytes: copiedBytes(region) };
		progress.usesScratch = progress.index === 1 && what.bytes !== region.sizeBytes;
		const entry = (progress.index - 1) * STEPS;
		if (progress.state === 1) {
			doStep(parts, { progress, entry, work: () => toScratch(progress, what) });
			progress.state = 2;
		}
		if (progress.state === 2) {
			doStep(parts, { progress, entry: entry + 1, work: () => toSecondary(progress, what) });
			progress.state = 3;
		}
		const { usesScratch } = progress;
		// From here on the status is the primary's.
		const work = (): void => {
			toPrimary(progress, what);
			progress.usesScratch = false;
		};
		doStep(parts, { progress, entry: entry + 2, work });
		progress.usesScratch = false;
		progress.index++;
		progress.state = 1;
		if (!usesScratch) return;
		// Its trailer goes first: with it, what is left of the erased rest would be taken for a region on its way.
		if (parts.rules.scratchErased === 'backwards') scratch.eraseBackwards(0);
		else scratch.eraseAll();
	};

	return {
		firstOp: 'move',
		largestImageBytes: largestImageBytes(parts),
		readStatus: (part, progress) => readStatus(part, { progress, ...options, validatesPrimary: parts.validatesPrimary }),
		locateHeader: (slot, { index, state }) => {
			const status = scratch.trailer.readMagic() === 'good' ? scratch : primary;
			const regions = regionsOf(status.trailer.readSwapSize()).length;
			const [own, other] = slot === 'primary' ? [primary, secondary] : [secondary, primary];
			if (index > regions) return { part: other, offsetBytes: 0 };
			if (index < regions) return { part: own, offsetBytes: 0 };
			if (slot === 'secondary') return { part: state >= 2 ? scratch : own, offsetBytes: 0 };
			return { part: state >= 3 ? other : own, offsetBytes: 0 };
		},
		run: (progress) => {
			const regions = regionsOf(progress.sizeBytes);
			for (const region of regions.slice(progress.index - 1)) swapRegion(region, progress);
		},
	};
};

/** Status entries are looked at from the first on: the first run of written ones counts. */
const readStatus = (part: SlotPart, options: { readonly progress: SwapProgress; readonly erasedByte: number; readonly validatesPrimary: boolean }): void => {
	const entries = part.trailer.fields.statusEntries;
	const status = part.trailer.readStatus(entries);
	const unitBytes = status.length / entries;
	const isWritten = (entry: number): boolean => status[entry * unitBytes] !== options.erasedByte;
	let first = 0;
	while (first < entries && !isWritten(first)) first++;
	if (first === entries) return;
	let end = first;
	while (end < entries && isWritten(end)) end++;
	for (let entry = end; entry < entries && !options.validatesPrimary; entry++) {
		if (isWritten(entry)) throw new McubootTrap('the status is consistent');
	}
	options.progress.index = Math.floor(end / STEPS) + 1;
	options.progress.state = (end % STEPS) + 1;
};

/** Index of the last sector of the primary that a swap of so many bytes covers, where both slots have a border. */
const lastSectorOf = ({ primary, secondary }: McubootParts, sizeBytes: number): number => {
	if (sizeBytes > primary.area.sizeBytes) throw new McubootTrap(`a swap of ${sizeBytes} bytes fits the slots`);
	let [inPrimary, inSecondary] = [0, 0];
	let [primaryBytes, secondaryBytes] = [0, 0];
	do {
		if (primaryBytes < sizeBytes || primaryBytes < secondaryBytes) primaryBytes += (primary.sectors[inPrimary++] as Sector).sizeBytes;
		if (secondaryBytes < sizeBytes || secondaryBytes < primaryBytes) secondaryBytes += (secondary.sectors[inSecondary++] as Sector).sizeBytes;
	} while (primaryBytes < sizeBytes || secondaryBytes < sizeBytes || primaryBytes !== secondaryBytes);
	return inPrimary - 1;
};

/** Where the trailer takes more than a sector, the first part of it may be smaller than what the scratch area needs for its own: the image leaves room for that. */
const largestImageBytes = ({ primary, secondary, scratch }: McubootParts & { readonly scratch: SlotPart }): number => {
	const trailerAtBytes = primary.area.sizeBytes - primary.trailer.fields.sizeBytes;
	const firstPartBytes = Math.max(
		...[primary, secondary].map(({ sectors, firstTrailerSector }) => {
			const { offsetBytes, sizeBytes } = sectors[firstTrailerSector] as Sector;
			return offsetBytes + sizeBytes - trailerAtBytes;
		}),
	);
	return trailerAtBytes - Math.max(0, scratch.trailer.fields.sizeBytes - firstPartBytes);
};

/** Throws a RangeError unless the slots are of one size, their sectors meet, and what lies between two borders fits the scratch area. */
const assertCompatible = ({ primary, secondary, scratch }: McubootParts & { readonly scratch: SlotPart }): void => {
	if (primary.area.sizeBytes !== secondary.area.sizeBytes) {
		throw new RangeError(`layout: slots of one size were expected, got ${primary.area.sizeBytes} and ${secondary.area.sizeBytes} bytes`);
	}
	const borders = ({ sectors }: SlotPart): ReadonlySet<number> => new Set(sectors.map(({ offsetBytes, sizeBytes }) => offsetBytes + sizeBytes));
	const inSecondary = borders(secondary);
	let fromBytes = 0;
	for (const atBytes of borders(primary)) {
		if (!inSecondary.has(atBytes)) continue;
		if (atBytes - fromBytes > scratch.area.sizeBytes) {
			throw new RangeError(`layout.scratch: room for the ${atBytes - fromBytes} bytes of a sector was expected, got ${scratch.area.sizeBytes}`);
		}
		fromBytes = atBytes;
	}
};
