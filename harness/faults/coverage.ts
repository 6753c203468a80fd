import type { BlackstartEvent, DeviceState, RowCoverage, UpdatePhase } from '../events/index.js';
import { FAULT_CATALOGUE, type FaultRow, UPDATE_PHASES } from './catalogue/index.js';

/** Where one device stands. */
interface Course {
	/** Index into the phases. */
	phase: number;
	/** Digest of the image that it runs as its own. */
	running: string;
	/** Its state is idle. */
	resting: boolean;
	/** A trial was asked for, and not begun. */
	requested: boolean;
	onTrial: boolean;
	/** Lost power in this update already. */
	cut: boolean;
	/** What is wrong with the image that its job brings. */
	defect: string | undefined;
}

const [IDLE, DOWNLOADING, INSTALLING, BOOTING, TESTING, REPORTING, RECOVERING] = [0, 1, 2, 3, 4, 5, 6] as const;

/**
 * Follows one case's events to tell which rows of the fault catalogue took effect in which phase of an update. A fault on
 * one device counts in the phase that the device was in. A fault of the fleet or the service counts once in every phase in
 * which some device was just then, or since it began.
 */
export class FaultCoverage {
	readonly #courses = new Map<string, Course>();
	/** Devices in each phase, and when the last one left it. */
	readonly #population = new Array<number>(UPDATE_PHASES.length).fill(0);
	readonly #leftAt = new Array<number>(UPDATE_PHASES.length).fill(-1);
	readonly #defects = new Map<string, string>();
	readonly #behaviours = new Map<string, string>();
	/** Defects and behaviours of releases that some device met. */
	readonly #met = new Set<string>();
	/** By what was seen, then by its form: counts by phase. */
	readonly #seen = new Map<string, Map<string, number[]>>();
	#atMs = 0;

	observe(event: BlackstartEvent): void {
		if ('at' in event) this.#atMs = event.at;
		switch (event.kind) {
			case 'device-state':
				return this.#stateChanged(this.#courseOf(event.device), event.state);
			case 'device-boot':
				return this.#booted(this.#courseOf(event.device), event);
			case 'device-job':
				return this.#tookJob(this.#courseOf(event.device), event.digest);
			case 'device-trial-requested':
				this.#courseOf(event.device).requested = true;
				return;
			case 'device-confirmed':
				return this.#confirmed(this.#courseOf(event.device), event.digest);
			case 'device-refused':
				return this.#refused(this.#courseOf(event.device));
			case 'device-reported':
				return this.#reported(this.#courseOf(event.device));
			case 'device-provisioned':
				this.#courseOf(event.device).running = event.digest;
				return;
			case 'service-job':
				if (event.status === 'CANCELED') this.#count('job-cancelled', '', this.#courseOf(event.device).phase);
				return;
			case 'fault-fired':
				return this.#fired(event);
			case 'campaign-decision':
				return this.#countFleetWide('decision', { form: event.what, since: event.at });
			case 'rollout-halted':
				return this.#countFleetWide('decision', { form: 'rollout-halted', since: event.at });
			case 'release-published':
				if (event.defect !== undefined) this.#defects.set(event.digest, event.defect);
				if (event.behaviour !== 'healthy') this.#behaviours.set(event.digest, event.behaviour);
				return;
			case 'world-opened':
				return this.#forgetWorld();
		}
	}

	/** Rows of the catalogue that were exercised, in its order, those that `stands` says the case as a whole stands for among them. */
	rows(stands: (row: FaultRow) => boolean = () => false): readonly RowCoverage[] {
		return FAULT_CATALOGUE.flatMap((row) => {
			const counts = this.#countsOf(row);
			const phases: Partial<Record<UpdatePhase, number>> = {};
			for (const [index, phase] of UPDATE_PHASES.entries()) if (counts[index]) phases[phase] = counts[index];
			return Object.keys(phases).length > 0 || stands(row) ? [{ row: row.id, phases }] : [];
		});
	}

	#countsOf({ sightings = [] }: FaultRow): readonly number[] {
		const sums = new Array<number>(UPDATE_PHASES.length).fill(0);
		for (const [seen, forms] of this.#seen) {
			for (const [form, counts] of forms) {
				for (const [index, phase] of UPDATE_PHASES.entries()) {
					const fits = sightings.some((one) => one.seen === seen && (one.form?.test(form) ?? true) && (one.phases?.includes(phase) ?? true));
					if (fits) sums[index] = (sums[index] ?? 0) + (counts[index] ?? 0);
				}
			}
		}
		return sums;
	}

	#stateChanged(course: Course, state: DeviceState): void {
		course.resting = state === 'idle';
		if (state === 'idle') this.#enter(course, IDLE);
		else if (state === 'downloading') this.#enter(course, DOWNLOADING);
		else if (state === 'installing') this.#enter(course, INSTALLING);
		else if ((state === 'off' || state === 'booting') && (course.requested || course.onTrial)) this.#enter(course, BOOTING);
	}

	#booted(course: Course, { trial, reverted, digest }: Extract<BlackstartEvent, { kind: 'device-boot' }>): void {
		const wasRequested = course.requested;
		course.requested = false;
		if (trial) {
			const behaviour = course.onTrial ? undefined : this.#behaviours.get(digest);
			course.onTrial = true;
			this.#enter(course, TESTING);
			if (behaviour !== undefined) {
				this.#met.add(behaviour);
				this.#count('image-behaviour', behaviour, TESTING);
			}
			return;
		}
		course.onTrial = false;
		course.running = digest;
		if (reverted || wasRequested) this.#enter(course, RECOVERING);
	}

	#tookJob(course: Course, digest: string): void {
		this.#enter(course, DOWNLOADING);
		course.defect = this.#defects.get(digest);
		if (course.defect !== undefined) this.#met.add(course.defect);
		if (digest === course.running) this.#count('job-again', '', DOWNLOADING);
	}

	#confirmed(course: Course, digest: string): void {
		course.requested = false;
		course.onTrial = false;
		course.running = digest;
		this.#enter(course, REPORTING);
	}

	#refused(course: Course): void {
		if (course.defect !== undefined) this.#count('image-defect', course.defect, course.phase);
		this.#enter(course, REPORTING);
	}

	/** What is left of the update is to strike off its outcome, where there is more left than nothing. */
	#reported(course: Course): void {
		if (course.resting) this.#enter(course, IDLE);
	}

	#fired({ fault, device, form = '', count = 1, since, at }: Extract<BlackstartEvent, { kind: 'fault-fired' }>): void {
		// Devices that meet such a release show it themselves, each at its own moment.
		if ((fault === 'image-defect' || fault === 'image-behaviour') && this.#met.has(form)) return;
		if (device === undefined) return this.#countFleetWide(fault, { form, since: since ?? at });
		const course = this.#courseOf(device);
		this.#count(fault, form, course.phase, count);
		if (fault !== 'power-cut') return;
		if (course.cut) this.#count('power-cut-again', form, course.phase);
		course.cut = course.phase !== IDLE;
	}

	#countFleetWide(seen: string, { form, since }: { readonly form: string; readonly since: number }): void {
		for (let phase = 0; phase < UPDATE_PHASES.length; phase++) {
			if ((this.#population[phase] as number) > 0 || (this.#leftAt[phase] as number) >= since) this.#count(seen, form, phase);
		}
	}

	#count(seen: string, form: string, phase: number, times = 1): void {
		const forms = this.#seen.get(seen) ?? new Map<string, number[]>();
		this.#seen.set(seen, forms);
		const counts = forms.get(form) ?? new Array<number>(UPDATE_PHASES.length).fill(0);
		forms.set(form, counts);
		counts[phase] = (counts[phase] as number) + times;
	}

	#enter(course: Course, phase: number): void {
		if (phase === IDLE) {
			course.requested = false;
			course.onTrial = false;
			course.cut = false;
			course.defect = undefined;
		}
		if (phase === course.phase) return;
		this.#population[course.phase] = (this.#population[course.phase] as number) - 1;
		this.#leftAt[course.phase] = this.#atMs;
		this.#population[phase] = (this.#population[phase] as number) + 1;
		course.phase = phase;
	}

	#courseOf(device: string): Course {
		const known = this.#courses.get(device);
		if (known) return known;
		const course: Course = { phase: IDLE, running: '', resting: false, requested: false, onTrial: false, cut: false, defect: undefined };
		this.#courses.set(device, course);
		this.#population[IDLE] = (this.#population[IDLE] as number) + 1;
		return course;
	}

	#forgetWorld(): void {
		this.#courses.clear();
		this.#defects.clear();
		this.#behaviours.clear();
		this.#met.clear();
		this.#population.fill(0);
		this.#leftAt.fill(-1);
	}
}
