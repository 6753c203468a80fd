import type { BlackstartEvent } from '../../events/index.js';
import type { Release } from '../../firmware/index.js';
import { openVirtualWorld } from '../../time/index.js';
import type { DeviceHealth, InventoryEntry } from '../campaign-service.js';
import { parsePlan } from '../plan/index.js';
import type { Course } from '../scripted-service.js';
import { type CampaignOptions, type CampaignOutcome, runCampaign } from './index.js';
import { ScriptedPlatform, type ScriptedPlatformOptions } from './scripted-platform.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

export const release = (name: string, version: string, hardware: readonly string[] = ['sensor', 'gateway']): Release => ({
	name,
	version,
	origin: 'harness',
	images: hardware.map((revision) => ({ hardware: revision, bytes: new Uint8Array(4_000), digest: `${name}-${revision}` })),
});

/** Every third device is a gateway; segments a and b take turns by three. */
export const fleet = (count: number): readonly InventoryEntry[] =>
	Array.from({ length: count }, (_, index) => ({
		device: `d-${String(index).padStart(3, '0')}`,
		hardware: index % 3 === 0 ? 'gateway' : 'sensor',
		version: '1.0.0+0',
		segment: Math.floor(index / 3) % 2 === 0 ? 'a' : 'b',
		memoryBytes: 65_536,
		freeSlotBytes: 65_536,
		peripherals: index % 3 === 0 ? ['modem'] : ['thermometer'],
	}));

const PLAN = `
approver: Dana Okafor
inventory:
  - { group: sensors-a, hardware: sensor, version: 1.0.0, segment: a, criticality: low }
  - { group: sensors-b, hardware: sensor, version: 1.0.0, segment: b, criticality: medium }
  - { group: gateways, hardware: gateway, version: 1.0.0, criticality: high }
pilot: 3
waves: [25%]
gates: { failures: 20% }
deviceTimeout: 2h
updateTakes: 10m
rollback: none
`;

/** The plan with some of its keys put differently. */
export const planWith = (...lines: readonly string[]) => {
	const keys = new Set(lines.map((line) => line.trim().split(':')[0]));
	const kept = PLAN.split('\n').filter((line) => line.startsWith(' ') || !keys.has(line.split(':')[0]));
	const text = keys.has('inventory') ? kept.filter((line) => !line.startsWith(' ')) : kept;
	return parsePlan(['name: camp', ...text, ...lines].join('\n'), { file: 'plan.yaml' });
};

export const SUCCEEDS: Course = { takesMs: 5 * MINUTE_MS, ends: 'succeeded' };
export const FAILS: Course = { takesMs: 5 * MINUTE_MS, ends: 'failed' };
export const NEVER: Course = { ends: 'never' };
export const WELL: DeviceHealth = { temperatureC: 30, freeMemoryBytes: 20_000, errors: 0, watchdogResets: 0 };

export type Given = Partial<Omit<ScriptedPlatformOptions, 'clock'>> & {
	readonly plan?: ReturnType<typeof planWith>;
	readonly devices?: number;
	readonly start?: string;
	readonly options?: Partial<CampaignOptions>;
	/** Called in the world before the campaign. */
	readonly before?: (parts: { readonly platform: ScriptedPlatform; readonly after: (delayMs: number, callback: () => void) => void }) => void;
};

export interface Played {
	readonly outcome: CampaignOutcome;
	readonly events: readonly BlackstartEvent[];
	readonly platform: ScriptedPlatform;
	readonly said: (what: string) => readonly Extract<BlackstartEvent, { kind: 'campaign-decision' }>[];
	readonly endedMs: number;
}

export const playWith = async (
	{ plan = planWith(), devices = 12, start = '2026-01-01T00:00Z', options = {}, before, ...scripted }: Given,
	run: typeof runCampaign,
): Promise<Played> => {
	using world = openVirtualWorld({ seed: '1', startEpochMs: Date.parse(start) });
	const platform = new ScriptedPlatform({ clock: world.clock, inventory: fleet(devices), script: () => SUCCEEDS, ...scripted });
	const events: BlackstartEvent[] = [];
	before?.({ platform, after: (delayMs, callback) => void world.clock.after(delayMs, callback) });
	const outcome = await world.run(() =>
		run({
			plan,
			release: release('v2', '2.0.0'),
			previous: release('v1', '1.0.0'),
			platform,
			clock: world.clock,
			random: world.random('campaign'),
			record: (event) => void events.push(event),
			...options,
		}),
	);
	const said: Played['said'] = (what) =>
		events.filter((event): event is Extract<BlackstartEvent, { kind: 'campaign-decision' }> => event.kind === 'campaign-decision' && event.what === what);
	return { outcome, events, platform, said, endedMs: world.clock.nowMs };
};

export const play = (given: Given = {}): Promise<Played> => playWith(given, runCampaign);

/** Devices in the order in which the release was sent to them. */
export const sentOrder = ({ platform }: Played): readonly string[] =>
	platform.service.deployed.filter(({ release }) => release === 'v2').flatMap(({ devices }) => devices);

export const NIGHT = ['windows:', '  - { from: 02:00, to: 04:00, timeZone: Europe/Berlin }', 'updateTakes: 30m'];
