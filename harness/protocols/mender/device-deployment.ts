import type { MenderLog, MenderStatusReport, ReportedStatus } from './mender-messages.js';

/** As Mender's server has it. `noartifact`: none of the release's artifacts is for this device's type. */
export type DeviceDeploymentStatus = 'pending' | ReportedStatus | 'noartifact' | 'aborted' | 'decommissioned';

const FINISHED: ReadonlySet<DeviceDeploymentStatus> = new Set(['success', 'failure', 'already-installed', 'noartifact', 'aborted', 'decommissioned']);

export const isFinished = (status: DeviceDeploymentStatus): boolean => FINISHED.has(status);

/** The server's side of one deployment to one device. */
export class DeviceDeployment {
	readonly id: string;
	readonly artifactName: string;
	status: DeviceDeploymentStatus = 'pending';
	/** Every status that was entered, in order, the first pending one left out. */
	readonly history: DeviceDeploymentStatus[] = [];
	log: MenderLog['messages'] = [];
	readonly #onStatus: ((deployment: DeviceDeployment) => void) | undefined;

	/** `onStatus` is told of each status that is entered. */
	constructor({
		id,
		artifactName,
		onStatus,
	}: {
		readonly id: string;
		readonly artifactName: string;
		readonly onStatus?: ((deployment: DeviceDeployment) => void) | undefined;
	}) {
		this.id = id;
		this.artifactName = artifactName;
		this.#onStatus = onStatus;
	}

	get isFinished(): boolean {
		return isFinished(this.status);
	}

	/** A device hears of it at its next report. False where there is nothing left to abort. */
	abort(): boolean {
		if (this.isFinished) return false;
		this.enter('aborted');
		return true;
	}

	/**
	 * 409 once it was aborted or its device decommissioned. A device that has reported an end may report another: Mender's server
	 * keeps the last.
	 */
	takeStatus({ status }: MenderStatusReport): 204 | 409 {
		if (this.status === 'aborted' || this.status === 'decommissioned') return 409;
		if (status !== this.status) this.enter(status);
		return 204;
	}

	enter(status: DeviceDeploymentStatus): void {
		this.status = status;
		this.history.push(status);
		this.#onStatus?.(this);
	}
}
