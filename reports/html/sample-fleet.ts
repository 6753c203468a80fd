import type { BlackstartEvent, DeviceOutcome } from '../../harness/events/index.js';
import type { FedEvent } from '../record/sample-run.js';

const OUTCOMES: readonly DeviceOutcome[] = ['updated', 'updated', 'updated', 'reverted', 'updated', 'updated', 'updated', 'updated', 'refused', 'updated'];
const TEARS = ['before', 'after', 'prefix', 'half'];
const DIGEST = 'd'.repeat(64);

export interface SampleFleet {
	readonly scenario: string;
	readonly title: string;
	readonly devices: number;
	/** What a fault says of itself. */
	readonly detail?: string;
	/** Of the first device. */
	readonly outcome?: DeviceOutcome;
}

/** The events of one case with a fleet that updates, as its own log holds them: for tests and measurements of the page. */
export const createSampleFleet = ({ scenario, title, devices, detail, outcome }: SampleFleet): FedEvent[] => {
	const fed: FedEvent[] = [];
	const tell = (event: BlackstartEvent): void => void fed.push([event, scenario]);
	tell({ kind: 'scenario-registered', scenario, titles: [title] });
	tell({ kind: 'scenario-started', scenario, title, target: 'simulated-fleet', seed: '1', options: { devices } });
	tell({ kind: 'world-opened', at: 0, seed: '1', devices, options: {} });
	const release = {
		hardware: 'meter-r2',
		release: 'candidate',
		version: '2.0.0+0',
		securityCounter: 6,
		authentic: true,
		origin: 'harness',
		behaviour: 'healthy',
		bad: false,
	} as const;
	tell({ kind: 'release-published', at: 0, digest: DIGEST, sizeBytes: 65_536, ...release });
	tell({ kind: 'rollout-planned', at: 900, rollout: 'r', release: 'candidate', devices, waves: [1, devices - 1], maxFailureRatio: 0.1 });
	tell({ kind: 'rollout-wave', at: 1_000, rollout: 'r', wave: 0, devices: 1 });
	for (let index = 0; index < devices; index++) for (const event of createDevice(index, { detail, outcome: index === 0 ? outcome : undefined })) tell(event);
	tell({ kind: 'rollout-gate', at: 60_000, rollout: 'r', wave: 0, decision: 'go', succeeded: 1, failed: 0, silent: 0 });
	const verdict = outcome === 'bricked' ? ('failed' as const) : ('passed' as const);
	const reason = verdict === 'failed' ? { reason: 'a device was bricked', detail: detail ?? 'no more is known' } : {};
	tell({ kind: 'run-case', scenario, title, case: `${scenario}/x:seed=1:devices=${devices}` });
	tell({ kind: 'scenario-ended', scenario, title, verdict, ...reason, faults: [{ fault: 'power-cut', armed: devices, fired: devices }], virtualMs: 90_000 });
	return fed;
};

const createDevice = (
	index: number,
	{ detail, outcome = OUTCOMES[index % OUTCOMES.length] as DeviceOutcome }: { detail?: string | undefined; outcome?: DeviceOutcome | undefined },
): readonly BlackstartEvent[] => {
	const device = `device-${String(index + 1).padStart(5, '0')}`;
	const start = 10 + (index % 997);
	const cut = detail ?? `operation ${index % 37}, erase of 4096 bytes at 20480, ${TEARS[index % TEARS.length]}`;
	const boot = {
		device,
		cause: 'power-on',
		slot: 'a',
		digest: DIGEST,
		trial: false,
		reverted: outcome === 'reverted',
		securityCounter: 5,
		settings: 's',
	} as const;
	const version = outcome === 'updated' ? '2.0.0+0' : '1.0.0+0';
	const took = 2_000 + ((index * 7919) % 30_011);
	const state = (at: number, name: 'booting' | 'idle' | 'downloading' | 'testing' | 'off'): BlackstartEvent => ({
		kind: 'device-state',
		at: start + at,
		device,
		state: name,
	});
	return [
		{ kind: 'device-provisioned', at: 0, device, hardware: 'meter-r2', digest: DIGEST, version: '1.0.0+0', securityCounter: 5, settings: 's' },
		{ kind: 'device-power', at: start, device, power: 'on', cause: 'power-on' },
		state(0, 'booting'),
		{ kind: 'device-boot', at: start + 400, version: '1.0.0+0', ...boot },
		state(500, 'idle'),
		{ kind: 'device-job', at: start + 1_000, device, job: 'job-1', digest: DIGEST },
		state(1_000, 'downloading'),
		{ kind: 'fault-armed', at: start + 1_000, fault: 'power-cut', device },
		{ kind: 'fault-fired', at: start + 1_400, fault: 'power-cut', device, detail: cut },
		state(1_400, 'off'),
		state(1_900, 'booting'),
		{ kind: 'device-boot', at: start + took, version, ...boot },
		{ kind: 'device-downloaded', at: start + took, device, job: 'job-1', blocks: 16, received: 17 + (index % 4), resumes: 1 + (index % 3), window: 4 },
		state(took, 'testing'),
		...(outcome === 'updated' ? [{ kind: 'device-confirmed', at: start + took + 500, device, digest: DIGEST, securityCounter: 6 } as const] : []),
		state(took + 600, 'idle'),
		{
			kind: 'device-audit',
			at: 90_000,
			device,
			running: DIGEST,
			confirmed: true,
			securityCounter: 5,
			settings: 's',
			believedVersion: version,
			believedStatus: 'SUCCEEDED',
			jobDigest: DIGEST,
			boots: 2,
			bytesReceived: 66_000 + (index % 9) * 4_096,
			flashOperations: 40 + (index % 13),
			leftovers: [],
		},
		{ kind: 'device-final', device, version, outcome },
	];
};
