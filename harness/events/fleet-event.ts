/** The world devices live in. */
export type FleetEvent =
	| { readonly kind: 'world-opened'; readonly at: number; readonly seed: string; readonly devices: number; readonly options: Readonly<Record<string, unknown>> }
	| {
			readonly kind: 'release-published';
			readonly at: number;
			/** Name of the release; one release may hold one image per hardware revision. */
			readonly release: string;
			readonly version: string;
			readonly hardware: string;
			/** SHA-256 of the exact bytes that devices install, hex. */
			readonly digest: string;
			readonly sizeBytes: number;
			/** The image's security counter; 0 where the image holds none. */
			readonly securityCounter: number;
			/** Whether devices of that hardware should ever run it, judged by the harness's own verifier with the devices' keys. */
			readonly authentic: boolean;
			/** Why not, when not authentic. */
			readonly rejection?: string;
			readonly origin: 'user' | 'harness' | 'imgtool';
			/** How the image behaves when it runs. A `bad` release must be contained. */
			readonly behaviour: string;
			readonly bad: boolean;
			/** What was made wrong with it, where something was: the reason why no device should run it. */
			readonly defect?: string;
	  }
	| { readonly kind: 'fault-armed'; readonly at: number; readonly fault: string; readonly device?: string; readonly count?: number; readonly detail?: string }
	| {
			readonly kind: 'fault-fired';
			readonly at: number;
			readonly fault: string;
			readonly device?: string;
			readonly count?: number;
			/** Which form of the fault it was, in a few fixed words, such as the operation, tear and area of flash of a power cut. */
			readonly form?: string;
			/** When it began, for a fault that lasted until `at`. */
			readonly since?: number;
			readonly detail?: string;
	  }
	| { readonly kind: 'broker-stopped' | 'broker-started'; readonly at: number; readonly sessions: 'kept' | 'lost' }
	| { readonly kind: 'service-stopped' | 'service-started'; readonly at: number }
	/** The service holds again what it held at `backupAt`; what went back with it was told just before. */
	| { readonly kind: 'service-restored'; readonly at: number; readonly backupAt: number }
	/** What the fleet asked of the service in the second before `at`. Told only in the time after an outage, and only where it asked anything. */
	| {
			readonly kind: 'fleet-load';
			readonly at: number;
			/** Attempts to connect, whatever became of them. */
			readonly connects: number;
			/** Messages that reached the service, requests for blocks of a download aside. */
			readonly requests: number;
			/** Devices that the outage cut off. */
			readonly affected: number;
			/** How long the outage had lasted. */
			readonly outageMs: number;
			/** The network segment that was cut off and is counted here, where it was not the whole fleet. */
			readonly segment?: string;
	  }
	/** A second client with the device's name and secret is gone: what their contest cost. */
	| {
			readonly kind: 'device-contended';
			readonly at: number;
			readonly device: string;
			readonly forMs: number;
			/** Times that the device took its place back. */
			readonly takenBack: number;
			/** Times that the device dialled. */
			readonly dials: number;
	  }
	/** The busiest second of what devices do by their own timers, told when the world closes. */
	| {
			readonly kind: 'fleet-routine';
			readonly at: number;
			/** How often each device reports itself. */
			readonly everyMs: number;
			readonly devices: number;
			/** Reports that fell due in that second. */
			readonly busiest: number;
			readonly busiestAt: number;
	  };
