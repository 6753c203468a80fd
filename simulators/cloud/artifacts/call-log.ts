/** One request as a server heard it. */
export interface HttpCall {
	readonly method: string;
	readonly path: string;
	readonly status: number;
	readonly range?: string | undefined;
	readonly body: string;
}

const MOST_KEPT = 5000;

/** Keeps the latest calls, at most five thousand. */
export class CallLog {
	readonly calls: HttpCall[] = [];

	keep(call: HttpCall): void {
		this.calls.push(call);
		if (this.calls.length > MOST_KEPT) this.calls.shift();
	}
}
