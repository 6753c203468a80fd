import {
	type BootDecision,
	BootError,
	type BootLayout,
	type Bootloader,
	type BootState,
	type ImageJudge,
	type ImageVerdict,
	type RevertReason,
	type SecurityCounter,
	type Slot,
	type UpdateTarget,
} from '../../harness/bootloader/index.js';
import { compareVersions } from '../../harness/firmware/index.js';
import { type FlashArea, isWholeSectors } from '../../harness/flash/index.js';
import { AB_RULES, type AbRules } from './ab-rules.js';
import type { BootRecord } from './boot-record.js';
import type { BootloaderOptions, BootSettings } from './bootloader-options.js';
import { RecordPair } from './record-pair.js';

export interface CreateAbOptions extends BootloaderOptions {
	/** Rules in place of the right ones: for proofs that a wrong one is found. */
	readonly rules?: Partial<AbRules>;
}

/**
 * The `ab` bootloader: two slots that run in place and a boot record in two sectors. It writes nothing but the record:
 * no image is ever erased by it. An image below the device's security counter is not run, whoever signed it.
 */
export const createAbBootloader = (options: CreateAbOptions): Bootloader => {
	const { trialBoots } = options.settings;
	if (!(Number.isSafeInteger(trialBoots) && trialBoots >= 1 && trialBoots <= 255)) throw new RangeError(`trialBoots: 1 to 255 was expected, got ${trialBoots}`);
	const [first, second] = options.layout.records;
	if (first === undefined || second === undefined) throw new RangeError(`layout.records: two were expected, got ${options.layout.records.length}`);
	for (const { offsetBytes, sizeBytes } of [...options.layout.records, options.layout.slotA, options.layout.slotB]) {
		if (isWholeSectors(options.flash.geometry, { offsetBytes, lengthBytes: sizeBytes })) continue;
		throw new RangeError(`layout: whole sectors were expected, got ${sizeBytes} bytes at ${offsetBytes}`);
	}
	return new AbBootloader(options, [first, second]);
};

type Fields = Omit<BootRecord, 'sequence'>;

class AbBootloader implements Bootloader {
	readonly layout: BootLayout;
	readonly #records: RecordPair;
	readonly #rules: AbRules;
	readonly #settings: BootSettings;
	readonly #judge: ImageJudge;
	readonly #counter: SecurityCounter;

	constructor(options: CreateAbOptions, areas: readonly [FlashArea, FlashArea]) {
		this.layout = options.layout;
		this.#rules = { ...AB_RULES, ...options.rules };
		this.#records = new RecordPair(options.flash, { areas, rules: this.#rules });
		this.#settings = options.settings;
		this.#judge = options.judge;
		this.#counter = options.counter;
	}

	imageArea(slot: Slot): FlashArea {
		return slot === 'a' ? this.layout.slotA : this.layout.slotB;
	}

	updateTarget(running: Slot): UpdateTarget {
		const slot = otherSlot(running);
		const area = this.imageArea(slot);
		return { slot, image: area, erase: area };
	}

	provision(slot: Slot): void {
		const image = this.#verdict(slot);
		if (!image.ok) throw new BootError('image-refused', `provision: an image that may run was expected in slot ${slot}, it is not: ${image.reason}`);
		this.#commit({ active: slot, confirmed: true, trial: null, attempts: 0, lastRevert: null, securityCounter: image.securityCounter });
		this.#catchUp(image.securityCounter);
	}

	boot(): BootDecision {
		const record = this.#records.read();
		if (record === null) return this.#recover();
		// A confirm whose power went between record and counter is finished here.
		if (record.confirmed) this.#catchUp(record.securityCounter);
		return record.trial === null ? this.#runActive(record) : this.#runTrial(record, record.trial);
	}

	requestTrial(slot: Slot): void {
		const record = this.#stored('requestTrial');
		if (record.trial !== null && record.attempts > 0 && record.trial !== record.active) {
			throw new BootError('trial-running', `requestTrial: no trial under way was expected, slot ${record.trial} is on trial`);
		}
		if (slot === record.active) throw new RangeError(`slot: the slot that does not run was expected, got ${slot}`);
		if (record.trial === slot) return;
		this.#commit({ ...record, trial: slot, attempts: 0, lastRevert: null });
	}

	confirm(): void {
		const record = this.#stored('confirm');
		// A trial that has not been booted is not what runs: the active image confirms itself, which it is already.
		const running = record.trial !== null && record.attempts > 0 ? record.trial : record.active;
		if (running === record.active && record.confirmed) return;
		const image = this.#verdict(running);
		if (!image.ok) throw new BootError('image-refused', `confirm: an image that may run was expected in slot ${running}, it is not: ${image.reason}`);
		const pending = running === record.trial ? null : record.trial;
		this.#commit({ ...record, active: running, confirmed: true, trial: pending, attempts: 0, securityCounter: image.securityCounter });
		this.#catchUp(image.securityCounter);
	}

	acknowledgeRevert(): void {
		const record = this.#stored('acknowledgeRevert');
		if (record.lastRevert !== null) this.#commit({ ...record, lastRevert: null });
	}

	state(): BootState | null {
		const record = this.#records.read();
		if (record === null) return null;
		const { active, confirmed, trial, attempts, lastRevert } = record;
		return { active, confirmed, trial, attemptsLeft: trial === null ? 0 : Math.max(0, this.#settings.trialBoots - attempts), lastRevert };
	}

	#runActive(record: BootRecord): BootDecision {
		const { active } = record;
		// An unconfirmed image is on trial, whatever the record says of one.
		if (!record.confirmed) return this.#startTrial({ ...record, trial: active, attempts: 0 }, active);
		const image: ImageVerdict | null = this.#settings.verifyEveryBoot ? this.#verdict(active) : null;
		if (image === null || image.ok) return { kind: 'run', slot: active, trial: false, reverted: record.lastRevert !== null, attempt: 0 };
		return this.#leave(record, { from: active, reason: reasonOf(image) });
	}

	#runTrial(record: BootRecord, trial: Slot): BootDecision {
		const image = this.#verdict(trial);
		if (!image.ok) return this.#leave(record, { from: trial, reason: reasonOf(image) });
		if (record.attempts < this.#settings.trialBoots) return this.#startTrial(record, trial);
		return this.#leave(record, { from: trial, reason: 'not-confirmed' });
	}

	/** Counts the boot, then runs: an image that never comes to its first instruction has still used up an attempt. */
	#startTrial(fields: Fields, slot: Slot): BootDecision {
		const attempts = this.#rules.countsTrials ? fields.attempts + 1 : 1;
		const isKept = this.#records.write({ ...fields, trial: slot, attempts });
		// A trial that cannot be counted might never end, so that only an image with nothing beside it may go on uncounted.
		if (!isKept && fields.active !== slot && this.#verdict(fields.active).ok) {
			return { kind: 'run', slot: fields.active, trial: !fields.confirmed, reverted: fields.lastRevert !== null, attempt: fields.confirmed ? 0 : 1 };
		}
		if (this.#rules.counterFollows === 'the running') this.#raiseTo(this.#verdict(slot));
		return { kind: 'run', slot, trial: true, reverted: fields.lastRevert !== null, attempt: attempts };
	}

	/** Gives up the image in `from` for the one in the other slot; where that one may not run, a valid `from` runs on. */
	#leave(record: BootRecord, options: { readonly from: Slot; readonly reason: RevertReason }): BootDecision {
		const { from, reason } = options;
		const to = otherSlot(from);
		const image = this.#verdict(to);
		if (!image.ok) {
			const left = this.#verdict(from);
			if (left.ok) return { kind: 'run', slot: from, trial: true, reverted: record.lastRevert !== null, attempt: record.attempts };
			return { kind: 'none', reason: `slot ${from}: ${left.reason}; slot ${to}: ${image.reason}` };
		}
		// Only the active slot was ever confirmed; whatever else lies there has to prove itself.
		const isProven = record.confirmed && to === record.active;
		const next: Fields = { ...record, active: to, confirmed: isProven, trial: isProven ? null : to, attempts: 0, lastRevert: reason };
		if (!isProven) return this.#startTrial(next, to);
		this.#records.write(next);
		return { kind: 'run', slot: to, trial: false, reverted: true, attempt: 0 };
	}

	/**
	 * Both records are lost, and with them which image was confirmed. The newest valid image is the one that most likely
	 * ran, but it may as well be one that was on trial and failing: it runs as a trial, with the other to return to, so
	 * that neither guess can lock the device into a bad image. Nothing is confirmed, so the counter stays where it is.
	 */
	#recover(): BootDecision {
		const a = this.#verdict('a');
		const b = this.#verdict('b');
		if (!a.ok && !b.ok) return { kind: 'none', reason: `no boot record; slot a: ${a.reason}; slot b: ${b.reason}` };
		const newest: Slot = a.ok && !(b.ok && isNewer(b, a)) ? 'a' : 'b';
		const hasOther = this.#verdict(otherSlot(newest)).ok;
		const active = hasOther ? otherSlot(newest) : newest;
		return this.#startTrial({ active, confirmed: false, trial: newest, attempts: 0, lastRevert: null, securityCounter: 0 }, newest);
	}

	#verdict(slot: Slot): ImageVerdict {
		const image = this.#judge.judge(this.imageArea(slot));
		const floor = this.#counter.read();
		if (!image.ok || image.securityCounter >= floor) return image;
		return { ok: false, reason: `${BELOW_COUNTER}: ${floor} or more was expected, got ${image.securityCounter}` };
	}

	#raiseTo(image: ImageVerdict): void {
		if (image.ok) this.#catchUp(image.securityCounter);
	}

	#catchUp(securityCounter: number): void {
		if (this.#counter.read() < securityCounter) this.#counter.advance(securityCounter);
	}

	#commit(fields: Fields): void {
		if (!this.#records.write(fields))
			throw new BootError('record-not-written', 'boot record: flash that keeps it was expected, it reads back wrong or is worn');
	}

	#stored(what: string): BootRecord {
		const record = this.#records.read();
		if (record === null) throw new BootError('no-record', `${what}: a boot record was expected, both are unreadable`);
		return record;
	}
}

const BELOW_COUNTER = 'security counter';

const otherSlot = (slot: Slot): Slot => (slot === 'a' ? 'b' : 'a');

const reasonOf = (image: ImageVerdict & { readonly ok: false }): RevertReason => (image.reason.startsWith(BELOW_COUNTER) ? 'below-counter' : 'image-invalid');

type Runnable = ImageVerdict & { readonly ok: true };

const isNewer = (left: Runnable, right: Runnable): boolean =>
	(compareVersions(left.version, right.version) || left.securityCounter - right.securityCounter) > 0;
