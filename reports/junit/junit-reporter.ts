import { resolve } from 'node:path';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { type CaseRecord, isFinished, RunRecorder } from '../record/index.js';
import type { Reporter } from '../reporter.js';
import { writeFileAtomically } from '../atomic-file.js';
import { type CiSystem, formatAttachment } from './attachment.js';
import { type CaseElementOptions, encodeCase } from './case-element.js';
import { encodeJunit } from './document.js';
import { findReportFaults } from './rules.js';

/** Our own writer made a report that readers would refuse. The file on disk is still the one before. */
export class MalformedReportError extends Error {
	readonly code = 'report-malformed';
	readonly faults: readonly string[];

	constructor(path: string, faults: readonly string[]) {
		super(`${path}: wanted a JUnit document that strict readers take, got ${faults.length} faults: ${faults.slice(0, 3).join('; ')}`);
		this.name = 'MalformedReportError';
		this.faults = faults;
	}
}

export interface JunitReporterOptions {
	readonly path: string;
	/** The machine or rig, shown by readers as the agent. */
	readonly hostname: string;
	/** Decides how files are attached to cases that did not pass; without it none are. */
	readonly ci?: CiSystem;
	/** The checkout that GitLab's attachments are relative to; the current folder where absent. */
	readonly projectDir?: string;
}

/**
 * Keeps a JUnit file that is whole and honest at every moment: every case stands in it from the first write, as an error
 * of type `NotFinished`, and the file is written anew after each case. Each text is parsed again by a strict parser, and
 * held against the rules of its readers, before it replaces the file; MalformedReportError where it does not stand that.
 */
export const openJunitReporter = (options: JunitReporterOptions): Reporter => {
	const recorder = new RunRecorder();
	const projectDir = resolve(options.projectDir ?? process.cwd());
	const attach = (path: string) => formatAttachment(path, { ci: options.ci, projectDir });
	const encodeCaseOnce = createCaseCache();
	let written: string | undefined;
	const unregistered = new Set<string>();
	let casesStarted = false;
	let closed = false;

	/** The first write waits until every file of the run has said which cases it has. */
	const callsForWrite = (event: BlackstartEvent): boolean => {
		switch (event.kind) {
			case 'run-started':
				for (const name of event.scenarios) unregistered.add(name);
				return unregistered.size === 0;
			case 'scenario-registered':
				return (unregistered.delete(event.scenario) && unregistered.size === 0) || casesStarted;
			case 'scenario-started':
				return !casesStarted;
			case 'scenario-skipped':
			case 'scenario-ended':
			case 'run-retry':
			case 'run-shrunk':
			case 'run-ended':
				return true;
			default:
				return false;
		}
	};

	const write = (): void => {
		const text = encodeJunit(recorder.run, { hostname: options.hostname, attach, encodeCase: encodeCaseOnce });
		if (text === written) return;
		const faults = findReportFaults(text);
		if (faults.length > 0) throw new MalformedReportError(options.path, faults);
		writeFileAtomically(options.path, text);
		written = text;
	};

	return {
		observe(event: BlackstartEvent, scenario?: string): void {
			if (closed) return;
			recorder.observe(event, scenario);
			if (callsForWrite(event)) write();
			casesStarted ||= event.kind === 'scenario-started' || event.kind === 'scenario-skipped';
		},
		close(): void {
			if (closed) return;
			closed = true;
			write();
		},
	};
};

/** Elements of finished cases change only with events of their own, so that a run of many cases reads each console once. */
const createCaseCache = (): typeof encodeCase => {
	const kept = new WeakMap<CaseRecord, { readonly key: string; readonly xml: string }>();
	return (record: CaseRecord, options: CaseElementOptions) => {
		const key = `${record.revision} ${options.classname} ${options.name}`;
		const found = kept.get(record);
		if (found?.key === key) return found.xml;
		const xml = encodeCase(record, options);
		if (isFinished(record)) kept.set(record, { key, xml });
		return xml;
	};
};
