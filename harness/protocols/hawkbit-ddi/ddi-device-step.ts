import { encodeFields } from '../aws-iot/index.js';
import type { DdiArtifact, DdiChunk, Execution, Finished } from './ddi-messages.js';

/** What a device is to do next. Requests are given to whatever speaks HTTP, and its answer back to the device. */
export type DdiStep =
	| { readonly kind: 'ask'; readonly what: 'base' | 'deployment' | 'confirmation' | 'cancelAction'; readonly url: string }
	| { readonly kind: 'tell'; readonly what: 'attributes'; readonly method: 'PUT'; readonly url: string; readonly body: Uint8Array }
	| { readonly kind: 'tell'; readonly what: DdiReport; readonly method: 'POST'; readonly url: string; readonly body: Uint8Array }
	| { readonly kind: 'download'; readonly actionId: string; readonly artifacts: readonly DdiArtifact[] }
	| { readonly kind: 'install'; readonly actionId: string; readonly chunks: readonly DdiChunk[] }
	| { readonly kind: 'wait'; readonly forMs: number };

/** `outcome` closes an action, and is told until the server has it or will never have it. */
export type DdiReport = 'progress' | 'outcome' | 'cancelled' | 'decision';

export interface DdiOutcome {
	readonly result: 'success' | 'failure';
	readonly details: readonly string[];
}

/** What a device has to keep over a restart. */
export interface DdiMemory {
	readonly actionId?: string;
	/** `installing`: begun and not known to have ended; `over`: the outcome is known and perhaps not told. */
	readonly stage?: 'downloading' | 'downloaded' | 'installing' | 'over';
	readonly outcome?: DdiOutcome;
	/** The last action whose outcome the server has. */
	readonly settled?: { readonly actionId: string; readonly outcome: DdiOutcome };
}

/** The two forms of every body; both sides name them in `content-type` and `accept`. */
export type DdiFormat = 'json' | 'cbor';

export const DDI_MEDIA_TYPES: Readonly<Record<DdiFormat, string>> = { json: 'application/hal+json', cbor: 'application/cbor' };

export const encodeDdi = (value: object, format: DdiFormat): Uint8Array => {
	const plain = JSON.stringify(value);
	return format === 'json' ? Buffer.from(plain) : encodeFields(JSON.parse(plain), 'cbor');
};

/** Where a device's reports go, and in which form. */
export interface DdiAddress {
	readonly rootUrl: string;
	readonly format: DdiFormat;
}

interface FeedbackReport {
	readonly actionId: string;
	readonly what: 'progress' | 'outcome' | 'cancelled';
	readonly execution: Execution;
	readonly finished?: Finished;
	readonly details?: readonly string[];
}

export const tellFeedback = ({ rootUrl, format }: DdiAddress, { actionId, what, execution, finished = 'none', details = [] }: FeedbackReport): DdiStep => ({
	kind: 'tell',
	what,
	method: 'POST',
	url: `${rootUrl}/${what === 'cancelled' ? 'cancelAction' : 'deploymentBase'}/${actionId}/feedback`,
	body: encodeDdi({ status: { execution, result: { finished }, details } }, format),
});

export const tellDecision = (
	{ rootUrl, format }: DdiAddress,
	{ actionId, isConfirmed }: { readonly actionId: string; readonly isConfirmed: boolean },
): DdiStep => ({
	kind: 'tell',
	what: 'decision',
	method: 'POST',
	url: `${rootUrl}/confirmationBase/${actionId}/feedback`,
	body: encodeDdi({ confirmation: isConfirmed ? 'confirmed' : 'denied', details: [] }, format),
});

export const tellAttributes = ({ rootUrl, format }: DdiAddress, data: Readonly<Record<string, string>>): DdiStep => ({
	kind: 'tell',
	what: 'attributes',
	method: 'PUT',
	url: `${rootUrl}/configData`,
	body: encodeDdi({ mode: 'replace', data }, format),
});
