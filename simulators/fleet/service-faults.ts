import type { BlackstartEvent } from '../../harness/events/index.js';
import type { ServerFault, ServiceFault } from '../../harness/faults/index.js';
import type { Clock, Random } from '../../harness/time/index.js';
import type { TroubledSite } from './artifact-trouble.js';
import type { FleetService } from './fleet-service.js';
import type { LoadMeter } from './load-meter.js';
import { SERVER_FAULTS, type ServerStage } from './server-faults.js';

export interface ServiceFaultsOptions {
	readonly clock: Clock;
	readonly service: FleetService;
	readonly site: TroubledSite | undefined;
	readonly random: Random;
	readonly record: (event: BlackstartEvent) => void;
	readonly load: LoadMeter;
}

/** Faults of the service, with evidence: how many devices felt the broker go, how many messages a deaf service missed, which devices a wrong answer reached. */
export class ServiceFaults {
	readonly #options: ServiceFaultsOptions;

	constructor(options: ServiceFaultsOptions) {
		this.#options = options;
	}

	arm(fault: ServiceFault): void {
		const { clock, record } = this.#options;
		record({ kind: 'fault-armed', at: clock.nowMs, fault: fault.kind });
		if (fault.kind === 'broker-restart') clock.after(fault.afterMs, () => this.#stopBroker(fault));
		else if (fault.kind === 'service-down') clock.after(fault.afterMs, () => this.#stopService(fault));
		else if (fault.kind === 'service-restored') this.#backUpAndRestore(fault);
		else SERVER_FAULTS[fault.kind](fault as never, this.#stageOf(fault));
	}

	#stageOf({ kind }: ServerFault): ServerStage {
		const { clock, service, site, random, record } = this.#options;
		const reached = new Set<string>();
		return {
			clock,
			cloud: service.cloud,
			site,
			random,
			hit: (device, detail, options) => {
				if (reached.has(device)) return;
				reached.add(device);
				record({ kind: 'fault-fired', at: clock.nowMs, fault: kind, device, detail, ...options });
			},
		};
	}

	/** A backup is put back while the service is away, so that every device comes to it anew. */
	#backUpAndRestore({ backupAfterMs, afterMs, downMs }: Extract<ServiceFault, { kind: 'service-restored' }>): void {
		const { clock, service, record } = this.#options;
		clock.after(Math.max(1, backupAfterMs), () => {
			const backupAt = clock.nowMs;
			const backup = service.takeBackup();
			clock.after(Math.max(1, afterMs - backupAfterMs), () => {
				this.#breakBroker({ downMs, sessions: 'lost' });
				const changed = service.restore(backup);
				record({ kind: 'service-restored', at: clock.nowMs, backupAt });
				if (changed > 0) this.#fired('service-restored', { detail: `${changed} facts forgotten` });
			});
		});
	}

	#stopBroker(fault: Extract<ServiceFault, { kind: 'broker-restart' }>): void {
		const { clock, service } = this.#options;
		const since = clock.nowMs;
		const form = `sessions ${fault.sessions}`;
		const refusedBefore = service.cloud.stats.refusedConnections;
		const cut = this.#breakBroker(fault);
		if (cut > 0) return this.#fired('broker-restart', { form, detail: `${cut} connections cut` });
		// Where nobody keeps a connection, whoever asks meanwhile finds nobody.
		clock.after(fault.downMs, () => {
			const refused = service.cloud.stats.refusedConnections - refusedBefore;
			if (refused > 0) this.#fired('broker-restart', { form, since, detail: `${refused} connections refused` });
		});
	}

	/** Returns how many connections were cut. */
	#breakBroker({ downMs, sessions }: { readonly downMs: number; readonly sessions: 'kept' | 'lost' }): number {
		const { clock, service, record, load } = this.#options;
		const { cloud } = service;
		const cut = cloud.connectedThings;
		const outageEnded = load.outageBegan(cut);
		cloud.stop({ sessions });
		record({ kind: 'broker-stopped', at: clock.nowMs, sessions });
		clock.after(downMs, () => {
			void cloud.start();
			record({ kind: 'broker-started', at: clock.nowMs, sessions });
			outageEnded();
		});
		return cut;
	}

	#stopService({ forMs }: Extract<ServiceFault, { kind: 'service-down' }>): void {
		const { clock, service, record, load } = this.#options;
		const { cloud } = service;
		const since = clock.nowMs;
		const unheardBefore = cloud.stats.unheard;
		const outageEnded = load.outageBegan(cloud.connectedThings);
		cloud.setServiceDown(true);
		record({ kind: 'service-stopped', at: clock.nowMs });
		clock.after(forMs, () => {
			const unheard = cloud.stats.unheard - unheardBefore;
			if (unheard > 0) this.#fired('service-down', { since, detail: `${unheard} messages unheard` });
			cloud.setServiceDown(false);
			record({ kind: 'service-started', at: clock.nowMs });
			outageEnded();
		});
	}

	#fired(fault: ServiceFault['kind'], evidence: { readonly form?: string; readonly since?: number; readonly detail: string }): void {
		const { clock, record } = this.#options;
		record({ kind: 'fault-fired', at: clock.nowMs, fault, ...evidence });
	}
}
