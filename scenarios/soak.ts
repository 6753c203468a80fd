import { type CampaignPlan, type FleetOptions, parsePlan, scenario } from '../harness/index.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Devices that report every few hours and are quiet in between, so that weeks cost seconds. */
const QUIET: FleetOptions = { devices: 4, harnessImages: true, profiles: ['sensor', 'gateway'], referenceShare: 0.01, keepaliveS: 1_200 };

/** The pilot is half of them; `lines` are keys of its own. */
const planOf = (name: string, ...lines: readonly string[]): CampaignPlan =>
	parsePlan(
		[
			`name: ${name}`,
			'approver: Dana Okafor',
			'inventory:',
			'  - { group: sensors, hardware: sensor-r1, version: 1.0.0 }',
			'  - { group: gateways, hardware: gateway-r3, version: 1.0.0 }',
			'order: any',
			'pilot: 2',
			'soak: 4h',
			...lines,
		].join('\n'),
		{ file: `${name}.yaml` },
	);

for (const { behaviour, what, bound, watch, days } of [
	{ behaviour: 'warms-slowly', what: 'a device that warms by a degree a day', bound: 'temperatureRiseC: 8', watch: '20d', days: [5, 12] },
	{ behaviour: 'wears-flash', what: 'flash that wears a little faster every day', bound: 'flashErasesPerDay: 0.5', watch: '20d', days: [0.5, 4] },
	{ behaviour: 'lets-certificate-expire', what: 'a certificate that nobody renews', bound: 'certificateDays: 4', watch: '20d', days: [15, 17] },
] as const) {
	scenario(
		`${what} passes every wave, and is caught by the long watch in time to take it back`,
		{ needs: ['fleet', 'update', 'virtual-time'] },
		async ({ openFleet, expect, evidence }) => {
			const certificates = behaviour === 'lets-certificate-expire' ? { certificates: { deviceDays: 20 } } : {};
			const fleet = await openFleet({ ...QUIET, ...certificates, reportEveryMs: 4 * HOUR_MS });
			await fleet.ready({ withinMs: HOUR_MS });
			const plan = planOf('long-watch', `watch: ${watch}`, `gates: { failures: 10%, health: { ${bound} } }`, 'rollback: at-once');
			const { outcome, reason, haltedAtWave, sentBack, tookMs } = await fleet.campaign(plan, { release: fleet.releases.behaving(behaviour) });
			evidence('days until it was caught and taken back', (tookMs / DAY_MS).toFixed(1));
			expect(outcome === 'rolled-back' && (reason?.includes('unhealthy') ?? false), `the health gate was to halt it, it ended ${outcome}: ${reason}`);
			expect(haltedAtWave === 1 && sentBack === 4, `it was to pass the pilot and be taken back from all 4; halted at ${haltedAtWave}, ${sentBack} sent back`);
			const [least, most] = days;
			expect(tookMs >= least * DAY_MS && tookMs <= most * DAY_MS, `it was to be caught after ${least} to ${most} days, it took ${tookMs / DAY_MS}`);
			// Whoever comes back after the old certificates have run out has renewed them.
			if (behaviour === 'lets-certificate-expire') await fleet.sleep(6 * DAY_MS);
			fleet.armService({ kind: 'broker-restart', afterMs: 1, downMs: MINUTE_MS, sessions: 'lost' });
			await fleet.sleep(2 * MINUTE_MS);
			await fleet.ready({ withinMs: HOUR_MS });
			const left = fleet.devices.filter(({ version }) => version !== fleet.releases.installed().version);
			expect(left.length === 0, `every device was to run the old image, ${left.length} did not`);
		},
	);
}

scenario(
	'a certificate that expires on day 20 silences its devices at their next connection, and silence halts the campaign',
	{ needs: ['fleet', 'update', 'virtual-time'] },
	async ({ openFleet, expect, evidence }) => {
		const fleet = await openFleet({ ...QUIET, certificates: { deviceDays: 20 }, reportEveryMs: 4 * HOUR_MS });
		await fleet.ready({ withinMs: HOUR_MS });
		fleet.armService({ kind: 'broker-restart', afterMs: 21 * DAY_MS, downMs: MINUTE_MS, sessions: 'lost' });
		const plan = planOf('silenced', 'watch: 25d', 'gates: { failures: 10%, silence: 12h }', 'rollback: none');
		const { outcome, waves, tookMs } = await fleet.campaign(plan, { release: fleet.releases.behaving('lets-certificate-expire') });
		evidence('days until the silence was noticed', (tookMs / DAY_MS).toFixed(1));
		expect(outcome === 'halted', `silence was to halt the campaign, it ended ${outcome}`);
		const silent = waves.reduce((sum, wave) => sum + wave.silent, 0);
		expect(silent > 0, 'devices were to be silent');
		expect(tookMs > 21 * DAY_MS && tookMs < 22 * DAY_MS, `it was to be noticed within a day of the next connection, it took ${tookMs / DAY_MS}`);
	},
);
