import type { Duplex } from 'node:stream';
import { type Certificate, validityProblem } from '../../harness/protocols/index.js';
import type { Clock } from '../../harness/time/index.js';
import { type Artifact, createArtifact, DownloadError, serveArtifact } from '../cloud/artifacts/index.js';
import type { Device } from '../device/index.js';
import type { Link } from '../network/index.js';
import type { ArtifactGround } from './artifact-ground.js';
import { ARTIFACT_FAULTS, ARTIFACT_HOST, type ArtifactTrouble, type TroubledSite } from './artifact-trouble.js';

const YEAR_MS = 365 * 86_400_000;

/**
 * Where a fleet's images lie: a server of HTTPS at the far end of links. Without real TLS the world keeps its promise in its place:
 * nobody else reads or writes, and the certificate is what the device model judges.
 */
export class ArtifactSite implements AsyncDisposable, TroubledSite {
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
			const wrong = this.#trouble && ARTIFACT_FAULTS[this.#trouble.what];
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
