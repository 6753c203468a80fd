import {
	type BootDecision,
	BootError,
	type BootLayout,
	type Bootloader,
	type BootState,
	type ImageVerdict,
	type Slot,
	type UpdateTarget,
} from '../../../harness/bootloader/index.js';
import { type FlashArea, FlashError, isWholeSectors } from '../../../harness/flash/index.js';
import type { BootloaderOptions } from '../bootloader-options.js';
import { ESP_RULES, type EspRules } from './esp-rules.js';
import { BLANK_SEQUENCE, encodeOtaEntry, OTA_ENTRY_BYTES, type OtaEntry, parseOtaEntry } from './ota-entry.js';

export interface CreateEspOptions extends BootloaderOptions {
	/** Rules in place of the right ones: for proofs that a wrong one is found. */
	readonly rules?: Partial<EspRules>;
}

/**
 * ESP-IDF's second-stage bootloader with app rollback on: ota_0 (`a`) and ota_1 (`b`), no factory app, and two entries that say
 * which one runs. Entries are rewritten in place, erased first: what power takes between erase and write is gone, as it is there.
 * Throws a RangeError for a layout without two records of whole sectors.
 */
export const createEspBootloader = (options: CreateEspOptions): Bootloader => {
	const { records, slotA, slotB } = options.layout;
	const [first, second] = records;
	if (first === undefined || second === undefined) throw new RangeError(`layout.records: two were expected, got ${records.length}`);
	for (const { offsetBytes, sizeBytes } of [...records, slotA, slotB]) {
		if (isWholeSectors(options.flash.geometry, { offsetBytes, lengthBytes: sizeBytes })) continue;
		throw new RangeError(`layout: whole sectors were expected, got ${sizeBytes} bytes at ${offsetBytes}`);
	}
	return new EspBootloader(options, [first, second]);
};

const SLOTS: readonly Slot[] = ['a', 'b'];

class EspBootloader implements Bootloader {
	readonly layout: BootLayout;
	readonly #options: BootloaderOptions;
	readonly #areas: readonly [FlashArea, FlashArea];
	readonly #rules: EspRules;

	constructor(options: CreateEspOptions, areas: readonly [FlashArea, FlashArea]) {
		this.layout = options.layout;
		this.#options = options;
		this.#rules = { ...ESP_RULES, ...options.rules };
		this.#areas = areas;
	}

	imageArea(slot: Slot): FlashArea {
		return slot === 'a' ? this.layout.slotA : this.layout.slotB;
	}

	updateTarget(running: Slot): UpdateTarget {
		const slot = otherSlot(running);
		const area = this.imageArea(slot);
		return { slot, image: area, erase: area };
	}

	/** A part comes with blank entries, which run ota_0. */
	provision(slot: Slot): void {
		const image = this.#verdict(slot);
		if (!image.ok) throw new BootError('image-refused', `provision: an image that may run was expected in slot ${slot}, it is not: ${image.reason}`);
		if (slot !== 'a') this.#write(0, { sequence: SLOTS.indexOf(slot) + 1, state: 'valid' });
		this.#raiseCounter(image);
	}

	boot(): BootDecision {
		try {
			return this.#boot();
		} catch (error) {
			if (error instanceof FlashError) return { kind: 'none', reason: error.message, trapped: true };
			throw error;
		}
	}

	/** esp_ota_set_boot_partition, after esp_ota_begin: an image on trial may not ask. */
	requestTrial(slot: Slot): void {
		const entries = this.#readEntries();
		const active = activeOf(entries);
		if (active !== null && entries[active].state === 'pending-verify') {
			throw new BootError('trial-running', `requestTrial: no trial under way was expected, slot ${slotOf(entries[active])} is on trial`);
		}
		const image = this.#verdict(slot);
		if (!image.ok) throw new BootError('image-refused', `requestTrial: an image that may run was expected in slot ${slot}, it is not: ${image.reason}`);
		const wanted = SLOTS.indexOf(slot) + 1;
		if (active === null) return this.#write(0, { sequence: wanted, state: 'new' });
		const current = entries[active].sequence;
		const sequence = nextSequence(current, wanted);
		this.#write(sequence === current ? active : other(active), { sequence, state: 'new' });
	}

	/** esp_ota_mark_app_valid_cancel_rollback: the entry that counts is marked, whichever slot runs; the counter follows the app that does. */
	confirm(running?: Slot): void {
		const entries = this.#readEntries();
		const active = activeOf(entries);
		if (active === null) throw new BootError('no-record', 'confirm: an entry that counts was expected, there is none');
		const { sequence, state } = entries[active];
		if (state === 'valid') return;
		const runs = running ?? this.#runningSlot(entries[active]);
		this.#write(active, { sequence, state: 'valid' });
		this.#raiseCounter(this.#verdict(runs));
	}

	/** The entry that was given up says so until it is used again. */
	acknowledgeRevert(): void {}

	state(): BootState | null {
		const entries = this.#readEntries();
		const active = activeOf(entries);
		if (active === null) return null;
		const entry = entries[active];
		const slot = slotOf(entry);
		if (entry.state !== 'new' && entry.state !== 'pending-verify') return { active: slot, confirmed: true, trial: null, attemptsLeft: 0, lastRevert: null };
		const before = entries[other(active)];
		const attemptsLeft = entry.state === 'new' ? 1 : 0;
		return { active: isValid(before) ? slotOf(before) : slot, confirmed: isValid(before), trial: slot, attemptsLeft, lastRevert: null };
	}

	#boot(): BootDecision {
		const entries = [...this.#readEntries()] as [OtaEntry, OtaEntry];
		let isGivenUp = false;
		for (const index of [0, 1] as const) {
			if (entries[index].state !== 'pending-verify' || !this.#rules.abortsPending) continue;
			entries[index] = { ...entries[index], state: 'aborted' };
			this.#write(index, entries[index]);
			isGivenUp = true;
		}
		const isInitial = entries.every(({ sequence, isIntact }) => sequence === BLANK_SEQUENCE || !isIntact);
		const areBothOut = entries.every(isOut);
		const active = areBothOut ? null : activeOf(entries);
		if (active === null) return this.#load(0, { trial: null, isGivenUp, writesEntry: areBothOut && isInitial });
		const entry = entries[active];
		const slot = slotOf(entry);
		if (entry.state === 'valid' || this.#rules.counterFollows === 'the active') this.#raiseCounter(this.#verdict(slot));
		if (entry.state === 'new') this.#write(active, { ...entry, state: 'pending-verify' });
		return this.#load(SLOTS.indexOf(slot), { trial: entry.state === 'new' ? slot : null, isGivenUp, writesEntry: false });
	}

	/** From the wanted slot down, then up: the first one whose image passes. */
	#load(wanted: number, how: { readonly trial: Slot | null; readonly isGivenUp: boolean; readonly writesEntry: boolean }): BootDecision {
		const order = wanted === 0 ? [0, 1] : [1, 0];
		const reasons: string[] = [];
		for (const index of this.#rules.triesOthers ? order : [wanted]) {
			const slot = SLOTS[index] as Slot;
			const image = this.#verdict(slot);
			if (!image.ok) {
				reasons.push(`slot ${slot}: ${image.reason}`);
				continue;
			}
			if (how.writesEntry) {
				this.#write(0, { sequence: index + 1, state: 'valid' });
				this.#raiseCounter(image);
			}
			const trial = how.trial === slot;
			return { kind: 'run', slot, trial, reverted: how.isGivenUp || index !== wanted, attempt: trial ? 1 : 0 };
		}
		return { kind: 'none', reason: reasons.join('; ') };
	}

	/** What the entry that counts names, unless that waits for its first boot or does not pass. */
	#runningSlot(entry: OtaEntry): Slot {
		const named = slotOf(entry);
		return entry.state !== 'new' && this.#verdict(named).ok ? named : otherSlot(named);
	}

	#readEntries(): readonly [OtaEntry, OtaEntry] {
		const read = ({ offsetBytes }: FlashArea): OtaEntry => this.#parse(this.#options.flash.read(offsetBytes, OTA_ENTRY_BYTES));
		return [read(this.#areas[0]), read(this.#areas[1])];
	}

	#parse(bytes: Uint8Array): OtaEntry {
		const entry = parseOtaEntry(bytes);
		return this.#rules.checksEntries ? entry : { ...entry, isIntact: entry.sequence !== BLANK_SEQUENCE };
	}

	#write(index: 0 | 1, entry: Pick<OtaEntry, 'sequence' | 'state'>): void {
		const { offsetBytes, sizeBytes } = this.#areas[index];
		this.#options.flash.erase(offsetBytes, sizeBytes);
		this.#options.flash.program(offsetBytes, encodeOtaEntry(entry));
	}

	#verdict(slot: Slot): ImageVerdict {
		const image = this.#options.judge.judge(this.imageArea(slot));
		const floor = this.#options.counter.read();
		if (!image.ok || image.securityCounter >= floor) return image;
		return { ok: false, reason: `secure version: ${floor} or more was expected, got ${image.securityCounter}` };
	}

	#raiseCounter(image: ImageVerdict): void {
		if (image.ok && image.securityCounter > this.#options.counter.read()) this.#options.counter.advance(image.securityCounter);
	}
}

/** bootloader_common_ota_select_invalid, which does not look at the checksum. */
const isOut = ({ sequence, state }: OtaEntry): boolean => sequence === BLANK_SEQUENCE || state === 'invalid' || state === 'aborted';

const isValid = (entry: OtaEntry): boolean => !isOut(entry) && entry.isIntact;

/** Index of the entry that counts: the valid one with the larger sequence, the first of equals. */
const activeOf = ([first, second]: readonly [OtaEntry, OtaEntry]): 0 | 1 | null => {
	if (isValid(first)) return isValid(second) && second.sequence > first.sequence ? 1 : 0;
	return isValid(second) ? 1 : null;
};

const other = (index: 0 | 1): 0 | 1 => (index === 0 ? 1 : 0);

const otherSlot = (slot: Slot): Slot => (slot === 'a' ? 'b' : 'a');

const slotOf = ({ sequence }: OtaEntry): Slot => SLOTS[((sequence - 1) >>> 0) % SLOTS.length] as Slot;

/** The next sequence from `current` on, itself included, that names the wanted slot, counted from 1. */
const nextSequence = (current: number, wanted: number): number => {
	const first = wanted % SLOTS.length;
	return first + Math.max(0, Math.ceil((current - first) / SLOTS.length)) * SLOTS.length;
};
