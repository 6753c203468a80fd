/**
 * What the update service does wrong while its broker stands, to every device it talks to. Times run from the arming;
 * a fault has hit a device once a message to or from it was lost, repeated, refused, changed or late.
 */
export type ServerFault =
	/** The newest notice that offered a device a job by `afterMs` is sent again and again, whatever has become of the job. */
	| { readonly kind: 'job-repeated'; readonly afterMs: number; readonly everyMs: number; readonly times: number }
	/** That notice is kept by the broker as a retained message: whoever subscribes gets it, until the world closes. */
	| { readonly kind: 'job-retained'; readonly afterMs: number }
	/** Every request is refused with RequestThrottled. */
	| { readonly kind: 'throttled'; readonly afterMs: number; readonly forMs: number }
	/** Somebody else changes a job just before a device's own update of it arrives: so often for each device. */
	| { readonly kind: 'version-conflict'; readonly afterMs: number; readonly times: number }
	/** A device's word on how an update ended is lost, or taken and the answer lost: so often for each device. */
	| { readonly kind: 'report-lost'; readonly afterMs: number; readonly lost: 'report' | 'answer'; readonly times: number }
	/** A device's word on how an update ended reaches the service twice. */
	| { readonly kind: 'report-repeated'; readonly afterMs: number }
	/** The service's jobs, streams and inventory go back to what they were at an earlier moment; for as long it is gone, and its broker with it. */
	| { readonly kind: 'service-restored'; readonly backupAfterMs: number; readonly afterMs: number; readonly downMs: number }
	/** Each file is replaced by another of the same size once a device has blocks of it. */
	| { readonly kind: 'file-swapped'; readonly afterMs: number; readonly forMs: number }
	| { readonly kind: 'answers-wrong'; readonly afterMs: number; readonly forMs: number; readonly what: WrongAnswer }
	/** The first block of an answer comes again and again in place of the others, until the connection ends. */
	| { readonly kind: 'answers-endless'; readonly afterMs: number; readonly forMs: number; readonly everyMs: number }
	/** Where images are fetched by URL: what their server does wrong in every answer. */
	| { readonly kind: 'artifacts-wrong'; readonly afterMs: number; readonly forMs: number; readonly what: ArtifactWrong }
	/** Every answer takes up to so much longer, so that they overtake one another. */
	| { readonly kind: 'answers-slow'; readonly afterMs: number; readonly forMs: number; readonly upToMs: number }
	/** Somebody who has taken the service over, and has no key that releases are signed with, changes what is said of the image along with each job. */
	| { readonly kind: 'statement-changed'; readonly afterMs: number; readonly forMs: number; readonly how: StatementChange };

/** What a server of images does wrong: in place of an image or with one, in its head, or with its certificate. */
export type ArtifactWrong =
	| 'html-page'
	| 'redirect-loop'
	| 'redirect-to-http'
	| 'promises-more'
	| 'promises-less'
	| 'endless'
	| 'slow'
	| 'cut'
	| 'no-range'
	| 'other-range'
	| 'flipped-bit'
	| 'unavailable'
	| 'certificate-expired'
	| 'certificate-not-yet-valid'
	| 'certificate-in-another-name'
	| 'certificate-of-a-stranger';

/** `prolonged`: it is good for a year more, by the service's word and in the statement; `dropped`: neither says anything; `swapped`: it is that of another image, once one has gone by, and the service's word is gone. */
export type StatementChange = 'prolonged' | 'dropped' | 'swapped';

/** `html-page`: in place of every answer. The others in place of a block: a bit of its payload is another, its end is missing, its place is outside of the file. */
export type WrongAnswer = 'html-page' | 'flipped-bit' | 'short-block' | 'strange-block';
