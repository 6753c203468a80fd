import type { CertificateOptions } from '../../harness/ports/index.js';
import { type Certificate, validityProblem } from '../../harness/protocols/index.js';
import type { Clock } from '../../harness/time/index.js';
import type { TrustPort } from '../device/index.js';

const DAY_MS = 86_400_000;
const DEFAULTS = { deviceDays: 365, serverDays: 365, timeSource: true } as const;
/** Clocks of the service and of devices are never quite the same. */
const BACKDATED_MS = 3_600_000;

/** Issues certificates to devices and to the service, and judges what devices show by the true time. */
export class Authority implements TrustPort {
	readonly #clock: Clock;
	readonly #startedMs: number;
	readonly #options: Required<CertificateOptions>;
	readonly #brokerIsReal: boolean;
	#serialNumber = 0;

	/** `brokerIsReal`: what the broker shows is judged in TLS, and not here. */
	constructor(options: { readonly clock: Clock; readonly certificates: CertificateOptions; readonly brokerIsReal?: boolean }) {
		this.#clock = options.clock;
		this.#brokerIsReal = options.brokerIsReal ?? false;
		this.#startedMs = options.clock.epochMs;
		this.#options = { ...DEFAULTS, ...options.certificates };
		for (const name of ['deviceDays', 'serverDays'] as const) {
			if (!(this.#options[name] > 0)) throw new RangeError(`certificates.${name}: days above 0 were expected, got ${this.#options[name]}`);
		}
	}

	/** The service changes its own when a third of its life is left. */
	serverCertificate(): Certificate | undefined {
		if (this.#brokerIsReal) return undefined;
		const lifeMs = this.#options.serverDays * DAY_MS;
		const periodMs = Math.floor((lifeMs * 2) / 3);
		const changes = Math.floor((this.#clock.epochMs - this.#startedMs) / periodMs);
		const fromMs = this.#startedMs + changes * periodMs;
		return { serialNumber: changes + 1, subject: 'service', notBefore: fromMs - BACKDATED_MS, notAfter: fromMs + lifeMs };
	}

	objectionTo(thing: string, certificate: Certificate | undefined): string | undefined {
		if (certificate === undefined) return 'the device shows no certificate';
		if (certificate.subject !== thing) return `the device shows the certificate of ${certificate.subject}`;
		const problem = validityProblem(certificate, this.#clock.epochMs);
		return problem === undefined ? undefined : `the device's certificate is ${problem}`;
	}

	issue(thing: string): Certificate {
		const { epochMs } = this.#clock;
		return {
			serialNumber: ++this.#serialNumber,
			subject: thing,
			notBefore: epochMs - BACKDATED_MS,
			notAfter: epochMs + Math.floor(this.#options.deviceDays * DAY_MS),
		};
	}

	askTime(): number | undefined {
		return this.#options.timeSource ? this.#clock.epochMs : undefined;
	}
}
