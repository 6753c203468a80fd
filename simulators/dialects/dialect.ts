import type { Duplex } from 'node:stream';
import type { UpdateProtocol } from '../../harness/ports/index.js';
import type { DeviceReport, JobStatus } from '../../harness/protocols/index.js';
import type { Clock } from '../../harness/time/index.js';
import type { ArtifactFault } from '../cloud/artifacts/index.js';
import type { UpdateDocument } from '../device/index.js';
import type { MqttSession, SessionHandlers } from '../network/index.js';

/** An update protocol other than the default: the service that speaks it, and what a device says over its link in its place. */
export interface Dialect {
	openService(options: DialectServiceOptions): Promise<DialectService>;
	/** The device's program goes on in the words of jobs and streams; the session says them in the protocol's. */
	openSession(peer: DialectPeer, handlers: SessionHandlers): MqttSession;
	/** What goes along with each request for an image. */
	headersOf?(secret: string): Readonly<Record<string, string>>;
}

export type DialectName = Exclude<UpdateProtocol, 'aws-iot'>;

/** One connection after another of one device to its service. */
export interface DialectPeer {
	readonly device: DeviceFacts;
	readonly secret: string;
	readonly keepaliveS: number;
	readonly clock: Clock;
	/** The first is dialled already; each call ends what came of the one before. */
	dial(): Duplex;
}

/** What a session has to know of the device whose it is, read when it is needed. */
export interface DeviceFacts {
	readonly id: string;
	readonly hardware: string;
	/** Of the image that runs. */
	readonly running: { readonly version: string; readonly digest: string };
	/** A job that is begun and whose end the service has not heard of, as it lies in flash. */
	readonly unfinished: { readonly job: string; readonly phase: 'downloading' | 'trial' | 'over' } | undefined;
	/** Whether flash remembers that this job came to its end here. */
	hasEnded(job: string): boolean;
}

export interface DialectServiceOptions {
	readonly clock: Clock;
	/** What the service holds true of a job of a thing, each time that it may have changed. */
	onStatus(change: { readonly thing: string; readonly jobId: string; readonly status: JobStatus; readonly reason?: string }): void;
	onReport(thing: string, report: DeviceReport): void;
	/** What goes wrong with what is sent of an image to a thing. */
	faultOf(thing: string): ArtifactFault | undefined;
}

export interface DialectOffer {
	readonly thing: string;
	readonly jobId: string;
	readonly update: UpdateDocument;
	readonly bytes: Uint8Array;
}

export interface DialectService extends AsyncDisposable {
	/** Lets a thing in that shows this secret, or a key made from it. */
	admit(thing: string, secret: string): void;
	accept(stream: Duplex): void;
	/** Offers an image to a thing in place of what it has been offered and has not ended. */
	offer(offer: DialectOffer): void;
	/** Takes an offer back, as the protocol has it: at once, or by asking the thing. */
	withdraw(thing: string, jobId: string): void;
	/** Ends every connection. */
	cut(): void;
}
