import {
	type Certificate,
	certificateRequestTopic,
	certificateTopic,
	encodeCertificate,
	parseCertificate,
	validityProblem,
} from '../../harness/protocols/index.js';
import type { Agent } from './agent.js';
import type { Device } from './device.js';
import { readSettings } from './truth.js';

/** What a device meets where connections need certificates on both sides. */
export interface TrustPort {
	/** What the service shows now; undefined where the connection itself shows it, and a device judges it there. */
	serverCertificate(): Certificate | undefined;
	/** Why the service does not take a device that shows this; undefined: it does. */
	objectionTo(thing: string, certificate: Certificate | undefined): string | undefined;
	/** The next certificate of a thing. */
	issue(thing: string): Certificate;
	/** What an SNTP server answers, milliseconds since the epoch; undefined: none answers. */
	askTime(): number | undefined;
}

/** The name of a certificate among the settings. */
export const CERTIFICATE_SETTING = 'certificate';
/** An SNTP answer is there or it is not, so soon. */
const TIME_ANSWER_MS = 1_000;
const RENEW_LOOK_MS = 6 * 3_600_000;
/** A certificate is renewed when no more than this share of its life is left: time for a device that is away to come back. */
const RENEWAL_SHARE = 1 / 3;

/**
 * What the program of a device does about certificates. At each connection it judges the service's by its own clock; where
 * that fails it asks for the time and tries again later: it never resets for it, and never leaves the check out
 * (sensors-software#539 did). It renews its own in time, and not on trial: what it wrote then, a revert would take back.
 */
export class Identity {
	readonly #agent: Agent;
	#failure: string | undefined;

	constructor(agent: Agent) {
		this.#agent = agent;
	}

	start(): void {
		const look = (): void => {
			this.#agent.device.after(RENEW_LOOK_MS, look);
			this.renewIfDue();
		};
		this.#agent.device.after(RENEW_LOOK_MS, look);
	}

	/** Whether the handshake comes about; where it does not, the time is asked for before the next. */
	shakeHands(): boolean {
		const { device } = this.#agent;
		const trust = device.surroundings.trust as TrustPort;
		const shown = trust.serverCertificate();
		const problem = shown && validityProblem(shown, device.wallClock.epochMs);
		const failure = problem === undefined ? trust.objectionTo(device.id, certificateOf(device)) : `the service's certificate is ${problem}`;
		if (failure !== undefined) this.#fail(failure);
		else if (shown !== undefined) this.#failure = undefined;
		return failure === undefined;
	}

	/** The connection ended for the broker's certificate: by the device's clock, perhaps, which may be wrong. */
	connectionEnded(reason: string): void {
		if (/^link: CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(reason)) this.#fail(`the broker's certificate is refused: ${reason.slice('link: '.length)}`);
	}

	/** Asks for a certificate where the one that it has runs out before long. */
	renewIfDue(): void {
		const { device, life } = this.#agent;
		if (this.#agent.connected) this.#failure = undefined;
		const certificate = certificateOf(device);
		if (certificate === undefined || !this.#agent.connected || device.truth.confirmedDigest !== life.image.digest) return;
		if (life.image.behaviour === 'lets-certificate-expire') return;
		const { notBefore, notAfter } = certificate;
		if (notAfter - device.wallClock.epochMs <= (notAfter - notBefore) * RENEWAL_SHARE) this.#agent.send(certificateRequestTopic(device.id), Buffer.from('{}'));
	}

	/** True where the message was a certificate. One that ends no later than the one in use, such as a repeat, changes nothing. */
	receive(topic: string, payload: Uint8Array): boolean {
		const { device } = this.#agent;
		if (topic !== certificateTopic(device.id)) return false;
		const certificate = parseCertificate(Buffer.from(payload).toString());
		const current = certificateOf(device);
		if (certificate?.subject === device.id && current !== undefined && certificate.notAfter > current.notAfter) storeCertificate(device, certificate);
		return true;
	}

	#fail(reason: string): void {
		const { device } = this.#agent;
		const { wallClock, surroundings } = device;
		if (reason !== this.#failure) {
			this.#failure = reason;
			device.record({ kind: 'device-handshake-failed', at: device.clock.nowMs, device: device.id, clock: isoOf(wallClock.epochMs), reason });
		}
		const epochMs = surroundings.trust?.askTime();
		if (epochMs !== undefined) device.after(TIME_ANSWER_MS, () => wallClock.heardFromAnybody(epochMs + TIME_ANSWER_MS));
	}
}

/** What a device shows of itself; undefined where its settings hold none. */
export const certificateOf = (device: Device): Certificate | undefined => {
	const settings = device.running === null ? 'unreadable' : readSettings(device, device.running);
	const text = settings === 'unreadable' ? undefined : settings[CERTIFICATE_SETTING];
	return text === undefined ? undefined : parseCertificate(text);
};

/** Written beside the other settings, in the schema of the image that runs. */
const storeCertificate = (device: Device, certificate: Certificate): void => {
	const image = device.running;
	const settings = image === null ? 'unreadable' : readSettings(device, image);
	if (image === null || settings === 'unreadable') return;
	const renewed = { ...settings, [CERTIFICATE_SETTING]: encodeCertificate(certificate) };
	device.truth.migrating(renewed, () => device.settings.write(renewed, image.settingsSchema));
};

const isoOf = (epochMs: number): string => new Date(epochMs).toISOString();
