import { closeSync, copyFileSync, fsyncSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { EMPTY_TRAIL, encodeSeal, isAuditedKind, isCampaignKind, type TrailHead, TrailScribe, verifyTrail } from '../../campaign/audit/index.js';
import { parseEvent } from '../../events/index.js';
import { readTrailFile } from '../audit/trail-file.js';
import { readLines } from './read-lines.js';

/** A line of an event log begins with its kind, so that most lines need no parsing. */
const KIND = /^\{"kind":"([\w-]+)"/;

/**
 * The run's audit trail, `audit.jsonl`, and its seal, `audit.jsonl.head`: the cases in which a rollout or a campaign happened, in
 * the order in which their scenarios are merged. A run without one has neither file.
 *
 * Each scenario's entries go out at once, so that a runner that is killed leaves a whole, sealed trail: the longer trail is
 * written beside the old one, the seal is replaced by one that stands for both, the trail is renamed into its place, and the
 * seal is replaced by one that stands for it alone.
 */
export class AuditFile {
	readonly #path: string;
	readonly #rename: (from: string, to: string) => void;
	readonly #scribe = new TrailScribe();
	/** What lies on disk; undefined: nothing yet. */
	#sealed: TrailHead | undefined;

	/** `rename` is the file system's own but in tests. */
	constructor(path: string, { rename = renameSync }: { readonly rename?: (from: string, to: string) => void } = {}) {
		this.#path = path;
		this.#rename = rename;
	}

	/** Adds the entries of a scenario's own log. */
	appendScenario(log: string): void {
		const campaigns = findCampaignCases(log);
		if (campaigns.size === 0) return;
		const beside = `${this.#path}.partial`;
		if (this.#sealed !== undefined) copyFileSync(this.#path, beside);
		const file = openSync(beside, this.#sealed === undefined ? 'w' : 'a');
		try {
			let number = 0;
			let batch: string[] = [];
			for (const lines of readLines(log)) {
				for (const line of lines) {
					const kind = KIND.exec(line)?.[1] ?? '';
					if (kind === 'scenario-started') number++;
					if (!campaigns.has(number) || !isAuditedKind(kind)) continue;
					const entry = this.#scribe.observe(parseEvent(line));
					if (entry !== undefined) batch.push(entry);
				}
				writeAll(file, batch.join(''));
				batch = [];
			}
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
		this.#replace(beside);
	}

	/** Reads back what lies on disk and holds it against its seal and against what was written; returns what is wrong. */
	check(): string | undefined {
		if (this.#sealed === undefined) return undefined;
		const verdict = verifyTrail(...readTrailFile(this.#path));
		if (!verdict.ok) return `the audit trail that was written does not verify: ${verdict.line === undefined ? '' : `line ${verdict.line}: `}${verdict.reason}`;
		if (verdict.hash !== this.#scribe.head.hash) return `the audit trail ends with ${verdict.hash}, ${this.#scribe.head.hash} was written`;
		return undefined;
	}

	#replace(beside: string): void {
		const { head } = this.#scribe;
		this.#writeSeal(encodeSeal({ ...head, replaces: this.#sealed ?? EMPTY_TRAIL }));
		this.#rename(beside, this.#path);
		this.#writeSeal(encodeSeal(head));
		this.#sealed = head;
	}

	#writeSeal(text: string): void {
		const beside = `${this.#path}.head.partial`;
		writeFileSync(beside, text, { flush: true });
		this.#rename(beside, `${this.#path}.head`);
	}
}

/** Numbers, from 1, of the cases in a scenario's log in which a rollout or a campaign happened. */
const findCampaignCases = (log: string): ReadonlySet<number> => {
	const found = new Set<number>();
	let number = 0;
	for (const lines of readLines(log)) {
		for (const line of lines) {
			const kind = KIND.exec(line)?.[1] ?? '';
			if (kind === 'scenario-started') number++;
			else if (isCampaignKind(kind)) found.add(number);
		}
	}
	return found;
};

const writeAll = (file: number, text: string): void => {
	const bytes = Buffer.from(text);
	for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
};
