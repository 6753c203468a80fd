import type { BlackstartEvent } from '../../harness/events/index.js';
import type { ServiceFault } from '../../harness/faults/index.js';
import type { Clock } from '../../harness/time/index.js';
import type { Cloud } from '../cloud/index.js';
import type { LoadMeter } from './load-meter.js';

/** Faults of the service, with evidence: how many devices felt the broker go, how many messages a deaf service missed. */
export class ServiceFaults {
	readonly #clock: Clock;
	readonly #cloud: Cloud;
	readonly #record: (event: BlackstartEvent) => void;
	readonly #load: LoadMeter;

	constructor(options: { readonly clock: Clock; readonly cloud: Cloud; readonly record: (event: BlackstartEvent) => void; readonly load: LoadMeter }) {
		this.#clock = options.clock;
		this.#cloud = options.cloud;
		this.#record = options.record;
		this.#load = options.load;
	}

	arm(fault: ServiceFault): void {
		this.#record({ kind: 'fault-armed', at: this.#clock.nowMs, fault: fault.kind });
		this.#clock.after(fault.afterMs, () => (fault.kind === 'broker-restart' ? this.#stopBroker(fault) : this.#stopService(fault)));
	}

	#stopBroker({ downMs, sessions }: Extract<ServiceFault, { kind: 'broker-restart' }>): void {
		const cut = this.#cloud.connectedThings;
		const outageEnded = this.#load.outageBegan(cut);
		this.#cloud.stop({ sessions });
		this.#record({ kind: 'broker-stopped', at: this.#clock.nowMs, sessions });
		if (cut > 0) this.#fired('broker-restart', { form: `sessions ${sessions}`, detail: `${cut} connections cut` });
		this.#clock.after(downMs, () => {
			void this.#cloud.start();
			this.#record({ kind: 'broker-started', at: this.#clock.nowMs, sessions });
			outageEnded();
		});
	}

	#stopService({ forMs }: Extract<ServiceFault, { kind: 'service-down' }>): void {
		const unheardBefore = this.#cloud.stats.unheard;
		const outageEnded = this.#load.outageBegan(this.#cloud.connectedThings);
		const since = this.#clock.nowMs;
		this.#cloud.setServiceDown(true);
		this.#record({ kind: 'service-stopped', at: this.#clock.nowMs });
		this.#clock.after(forMs, () => {
			const unheard = this.#cloud.stats.unheard - unheardBefore;
			if (unheard > 0) this.#fired('service-down', { since, detail: `${unheard} messages unheard` });
			this.#cloud.setServiceDown(false);
			this.#record({ kind: 'service-started', at: this.#clock.nowMs });
			outageEnded();
		});
	}

	#fired(fault: ServiceFault['kind'], evidence: { readonly form?: string; readonly since?: number; readonly detail: string }): void {
		this.#record({ kind: 'fault-fired', at: this.#clock.nowMs, fault, ...evidence });
	}
}
