/** What a server of artifacts does wrong in one answer. Byte counts are of the answer's own body, not of the file. */
export type ArtifactFault =
	/** So many redirects to itself, then the file. */
	| { readonly kind: 'redirects'; readonly hops: number; readonly status?: 301 | 302 | 303 | 307 | 308 }
	| { readonly kind: 'redirect-loop' }
	| { readonly kind: 'redirect-to'; readonly location: string }
	| { readonly kind: 'status'; readonly status: number; readonly retryAfterS?: number }
	/** The connection ends in mid-body. */
	| { readonly kind: 'cut'; readonly afterBytes: number }
	/** Content-Length promises more than comes, or less than the file has. */
	| { readonly kind: 'length-too-long' | 'length-too-short'; readonly byBytes: number }
	/** Chunked, without a length: correct, and not what every device expects. */
	| { readonly kind: 'no-length' }
	/** Chunked, and behind the file more and more, until the client hangs up. */
	| { readonly kind: 'endless' }
	| { readonly kind: 'slow'; readonly bytesPerS: number }
	/** Silence in mid-body, without an end. */
	| { readonly kind: 'stall'; readonly afterBytes: number }
	/** A captive portal's page under status 200. */
	| { readonly kind: 'html' }
	/** The whole file under 200, whatever range was asked for. */
	| { readonly kind: 'no-range' }
	/** 206 of bytes that begin later than asked, and say so. */
	| { readonly kind: 'other-range'; readonly byBytes: number }
	/** 206 under another ETag than was asked for, as if If-Range were not there. */
	| { readonly kind: 'if-range-ignored' }
	/** The same bytes under a new ETag in each answer, as servers behind a balancer give. */
	| { readonly kind: 'unsteady-etag' }
	| { readonly kind: 'no-etag' }
	| { readonly kind: 'flipped-bit'; readonly atByte: number }
	/** Says that the body is encoded, though nobody asked for that. */
	| { readonly kind: 'encoded' };

export type ArtifactFaultKind = ArtifactFault['kind'];

export const ARTIFACT_FAULT_KINDS: readonly ArtifactFaultKind[] = Object.keys({
	redirects: 0,
	'redirect-loop': 0,
	'redirect-to': 0,
	status: 0,
	cut: 0,
	'length-too-long': 0,
	'length-too-short': 0,
	'no-length': 0,
	endless: 0,
	slow: 0,
	stall: 0,
	html: 0,
	'no-range': 0,
	'other-range': 0,
	'if-range-ignored': 0,
	'unsteady-etag': 0,
	'no-etag': 0,
	'flipped-bit': 0,
	encoded: 0,
} satisfies Record<ArtifactFaultKind, 0>) as ArtifactFaultKind[];

/** The faults of the answers to come, in order; each answer uses up one, and behind the last the server is right. */
export class ArtifactFaults {
	readonly #queue: (ArtifactFault | undefined)[] = [];

	/** `undefined` is a right answer before the next fault. */
	add(fault: ArtifactFault | undefined, { times = 1 }: { readonly times?: number } = {}): void {
		for (let time = 0; time < times; time++) this.#queue.push(fault);
	}

	take(): ArtifactFault | undefined {
		return this.#queue.shift();
	}

	clear(): void {
		this.#queue.length = 0;
	}
}
