import type { ArtifactWrong } from '../../harness/faults/index.js';
import type { ArtifactFault } from '../cloud/artifacts/index.js';

export const ARTIFACT_HOST = 'artifacts.blackstart.test';

/** What is wrong with every answer, and who hears of a device that it reached. */
export interface ArtifactTrouble {
	readonly what: ArtifactWrong;
	readonly hit: (thing: string, detail: string, options: { readonly form: string }) => void;
}

/** Where images come from by URL. */
export interface TroubledSite {
	set trouble(trouble: ArtifactTrouble | undefined);
}

/** A server of another protocol that gives images out by itself. */
export class DialectSite implements TroubledSite {
	#trouble: ArtifactTrouble | undefined;

	set trouble(trouble: ArtifactTrouble | undefined) {
		if (trouble && !ARTIFACT_FAULTS[trouble.what])
			throw new RangeError(`artifacts-wrong: no ${trouble.what} here, where nobody shows a certificate for images`);
		this.#trouble = trouble;
	}

	/** For each answer to a thing. */
	readonly faultOf = (thing: string): ArtifactFault | undefined => {
		const wrong = this.#trouble && ARTIFACT_FAULTS[this.#trouble.what];
		// What has no device's name is read by none.
		if (wrong && thing !== '') this.#trouble?.hit(thing, wrong.detail, { form: this.#trouble.what });
		return thing === '' ? undefined : wrong?.fault;
	};
}

/** In every answer; what is wrong with a certificate comes before there is one. */
export const ARTIFACT_FAULTS: Partial<Readonly<Record<ArtifactWrong, { readonly fault: ArtifactFault; readonly detail: string }>>> = {
	'html-page': { fault: { kind: 'html' }, detail: 'a web page came in place of the image' },
	'redirect-loop': { fault: { kind: 'redirect-loop' }, detail: 'it was sent round in a circle' },
	'redirect-to-http': { fault: { kind: 'redirect-to', location: `http://${ARTIFACT_HOST}/image` }, detail: 'it was sent to a place without TLS' },
	'promises-more': { fault: { kind: 'length-too-long', byBytes: 100 }, detail: 'more bytes were promised than the image has' },
	'promises-less': { fault: { kind: 'length-too-short', byBytes: 100 }, detail: 'fewer bytes were promised than the image has' },
	endless: { fault: { kind: 'endless' }, detail: 'the image had no end' },
	slow: { fault: { kind: 'slow', bytesPerS: 1_000 }, detail: 'a thousand bytes came in a second' },
	cut: { fault: { kind: 'cut', afterBytes: 10_000 }, detail: 'the connection ended behind ten thousand bytes' },
	'no-range': { fault: { kind: 'no-range' }, detail: 'everything came, whatever was asked for' },
	'other-range': { fault: { kind: 'other-range', byBytes: 16 }, detail: 'other bytes came than were asked for' },
	'flipped-bit': { fault: { kind: 'flipped-bit', atByte: 5_000 }, detail: 'a bit of the image was another' },
	unavailable: { fault: { kind: 'status', status: 503, retryAfterS: 20 }, detail: 'the server was busy' },
};
