import type { Duplex } from 'node:stream';
import type { ArtifactWrong } from '../../harness/faults/index.js';
import { type Certificate, validityProblem } from '../../harness/protocols/index.js';
import type { Clock } from '../../harness/time/index.js';
import { type Artifact, type ArtifactFault, createArtifact, DownloadError, serveArtifact } from '../cloud/artifacts/index.js';
import type { Device } from '../device/index.js';
import type { Link } from '../network/index.js';
import type { ArtifactGround } from './artifact-ground.js';

export const ARTIFACT_HOST = 'artifacts.blackstart.test';
const YEAR_MS = 365 * 86_400_000;

/** What is wrong with every answer, and who hears of a device that it reached. */
export interface ArtifactTrouble {
	readonly what: ArtifactWrong;
	readonly hit: (thing: string, detail: string, options: { readonly form: string }) => void;
}

/**
 * Where a fleet's images lie: a server of HTTPS at the far end of links. Without real TLS the world keeps its promise in its place:
 * nobody else reads or writes, and the certificate is what the device model judges.
 */
export class ArtifactSite implements AsyncDisposable {
	readonly #clock: Clock;
	readonly #ground: ArtifactGround;
	readonly #artifacts = new Map<string, Artifact>();
	#trouble: ArtifactTrouble | undefined;
	#answers = 0;

	constructor({ clock, ground }: { readonly clock: Clock; readonly ground: ArtifactGround }) {
		this.#clock = clock;
		this.#ground = ground;
		ground.server.on('request', (request, response) => {
			const thing = request.headers['user-agent'] ?? '';
			const artifact = this.#artifacts.get(new URL(request.url ?? '/', 'http://host').pathname.slice(1));
			const wrong = this.#trouble && WRONG[this.#trouble.what];
			if (wrong) this.#trouble?.hit(thing, wrong.detail, { form: this.#trouble.what });
			if (!artifact) response.writeHead(404, { 'content-length': 0 }).end();
			else void serveArtifact(request, response, { artifact, clock, fault: wrong?.fault, answer: this.#answers++ });
		});
	}

	/** PEM of whom devices believe; undefined where there is no TLS. */
	get authority(): string | undefined {
		return this.#ground.authority;
	}

	set trouble(trouble: ArtifactTrouble | undefined) {
		this.#trouble = trouble;
		this.#ground.show(trouble?.what);
	}

	/** Puts a file there; returns where it is found. */
	put(name: string, bytes: Uint8Array): string {
		this.#artifacts.set(name, createArtifact(name, bytes));
		return `https://${ARTIFACT_HOST}/${encodeURIComponent(name)}`;
	}

	/** What a device that reaches the server at a URL has against its certificate, by its own clock where it has one; TLS judges for itself. */
	objectionTo({ hostname }: URL, device: Device): DownloadError | undefined {
		const trouble = this.#trouble;
		if (this.#ground.authority !== undefined) {
			if (trouble?.what.startsWith('certificate-')) trouble.hit(device.id, 'another certificate was shown', { form: trouble.what });
			return undefined;
		}
		const certificate = this.#certificate();
		const epochMs = device.surroundings.trust === undefined ? this.#clock.epochMs : device.wallClock.epochMs;
		const problem =
			validityProblem(certificate, epochMs) ??
			(certificate.subject === hostname ? undefined : `for ${certificate.subject}, not ${hostname}`) ??
			(trouble?.what === 'certificate-of-a-stranger' ? 'of an authority that nobody here knows' : undefined);
		if (problem === undefined) return undefined;
		trouble?.hit(device.id, `the certificate is ${problem}`, { form: trouble.what });
		return new DownloadError('untrusted', `the certificate of ${hostname} is ${problem}`);
	}

	/** Gives the server its end of a device's link, and returns the stream that the device holds. */
	join(link: Link): Duplex {
		return this.#ground.join(link);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#ground[Symbol.asyncDispose]();
	}

	#certificate(): Certificate {
		const nowMs = this.#clock.epochMs;
		const right = { serialNumber: 1, subject: ARTIFACT_HOST, notBefore: nowMs - YEAR_MS / 2, notAfter: nowMs + YEAR_MS / 2 };
		switch (this.#trouble?.what) {
			case 'certificate-expired':
				return { ...right, notAfter: nowMs - 1 };
			case 'certificate-not-yet-valid':
				return { ...right, notBefore: nowMs + 1 };
			case 'certificate-in-another-name':
				return { ...right, subject: `other.${ARTIFACT_HOST}` };
			default:
				return right;
		}
	}
}

/** In every answer; what is wrong with a certificate comes before there is one. */
const WRONG: Partial<Readonly<Record<ArtifactWrong, { readonly fault: ArtifactFault; readonly detail: string }>>> = {
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
