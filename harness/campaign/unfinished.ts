import type { CampaignService } from './campaign-service.js';

export interface Assignment {
	readonly job: string;
	readonly devices: readonly string[];
}

/**
 * The devices of some jobs that have not finished. Made to be asked at every instant: a device that finished is never
 * looked at again, and one that has not is all that a question costs.
 */
export class Unfinished {
	readonly #service: CampaignService;
	readonly #left: { readonly job: string; readonly device: string }[];

	constructor(service: CampaignService, assignments: readonly Assignment[]) {
		this.#service = service;
		this.#left = assignments.flatMap(({ job, devices }) => devices.map((device) => ({ job, device })));
	}

	isEmpty(): boolean {
		let last = this.#left.at(-1);
		while (last !== undefined && this.#service.statusOf(last.job, last.device) !== 'pending') {
			this.#left.pop();
			last = this.#left.at(-1);
		}
		return last === undefined;
	}
}
