/**
 * What the download of one job has cost, over all connections and lives of the device. The world counts it: a device
 * that forgets how far it was would leave out just what it fetched in vain.
 */
export class DownloadCount {
	#job: string | undefined;
	#received = 0;
	#resumes = 0;
	#isCut = false;

	/** Blocks that arrived, repeats included. */
	get received(): number {
		return this.#received;
	}

	/** Times the download went on after a cut of link or power. */
	get resumes(): number {
		return this.#resumes;
	}

	/** The connection or the power is gone: whatever goes on after it is a resume. What a device begins anew without is none. */
	cut(): void {
		this.#isCut = true;
	}

	/** The job's download begins, or goes on where the download of that job was broken off. */
	begin(job: string): void {
		if (job === this.#job) return this.resume();
		this.#job = job;
		this.#received = 0;
		this.#resumes = 0;
		this.#isCut = false;
	}

	resume(): void {
		if (this.#isCut) this.#resumes++;
		this.#isCut = false;
	}

	blockArrived(): void {
		this.#received++;
	}

	/** No block is missing: whatever is fetched from here on is another download. */
	end(): void {
		this.#job = undefined;
	}
}
