import type { MenderDeployment } from './mender-messages.js';

/** What a device is to do next. Requests are given to whatever speaks HTTP, and its answer back to the device. */
export type MenderStep =
	| {
			readonly kind: 'request';
			readonly what: MenderRequestKind;
			readonly method: 'GET' | 'POST' | 'PUT';
			readonly url: string;
			readonly headers: Readonly<Record<string, string>>;
			readonly body?: Uint8Array;
	  }
	| { readonly kind: 'download'; readonly deployment: MenderDeployment }
	| { readonly kind: 'install'; readonly deployment: MenderDeployment }
	/** What was installed is to be run; what comes of it is the next device's `outcome`. */
	| { readonly kind: 'restart'; readonly deploymentId: string }
	/** What was installed, and not yet run, is not wanted any more. */
	| { readonly kind: 'discard'; readonly deploymentId: string }
	| { readonly kind: 'wait'; readonly forMs: number };

/** `outcome` is a status too: the one that ends a deployment, told until the server has it or will never have it. */
export type MenderRequestKind = 'authenticate' | 'attributes' | 'next' | 'progress' | 'log' | 'outcome';

export interface MenderOutcome {
	readonly result: 'success' | 'failure';
	/** Sent to the server with a failure. */
	readonly log: readonly string[];
}

/** What a device has to keep over a restart. */
export interface MenderMemory {
	readonly token?: string;
	readonly deploymentId?: string;
	/** `installing`: begun and not known to have ended; `over`: the outcome is known and perhaps not told. */
	readonly stage?: 'downloading' | 'installing' | 'over';
	readonly outcome?: MenderOutcome;
	/** The last deployment whose outcome the server has. */
	readonly settled?: { readonly deploymentId: string; readonly outcome: MenderOutcome };
}
