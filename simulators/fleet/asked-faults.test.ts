import test from 'ava';
import { CampaignKilledError, parsePlan } from '../../harness/campaign/index.js';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { FaultCoverage } from '../../harness/faults/index.js';
import type { FleetOptions } from '../../harness/ports/index.js';
import { FaultAccount } from '../../harness/scenario/fault-account.js';
import type { OpenFleet } from '../../harness/scenario/index.js';
import { HOUR_MS, withFleet } from './fleet.test.support.js';

const PLAN = (approver: string) =>
	parsePlan(`name: plan\n${approver}inventory: [{ group: all, hardware: sensor-r1, version: 1.0.0 }]\npilot: 1\n`, { file: 'plan.yaml' });

const APPROVED = PLAN('approver: Dana Okafor\n');

/** Each way to ask for a fault that arms nothing, done so that it takes effect, and so that it cannot. */
const ASKED: readonly {
	readonly fault: string;
	readonly options?: FleetOptions;
	readonly fires: (fleet: OpenFleet) => Promise<unknown>;
	readonly idle: (fleet: OpenFleet) => Promise<unknown>;
	/** Rows of the catalogue that are exercised where it takes effect. */
	readonly rows: readonly string[];
}[] = [
	{
		fault: 'image-defect',
		fires: (fleet) => fleet.deploy(fleet.releases.forbidden('hash')),
		idle: async (fleet) => void fleet.releases.forbidden('hash'),
		rows: ['M1'],
	},
	{
		fault: 'image-defect',
		fires: (fleet) => fleet.deploy(fleet.releases.forbidden('other-hardware')),
		idle: (fleet) => fleet.deploy(fleet.releases.forbidden('other-hardware'), { devices: [] }),
		rows: ['M3'],
	},
	{
		fault: 'image-defect',
		fires: (fleet) => fleet.campaign(PLAN(''), { release: fleet.releases.forbidden('hash') }),
		idle: (fleet) => {
			fleet.releases.forbidden('hash');
			return fleet.campaign(PLAN(''));
		},
		rows: ['M1', 'T9'],
	},
	{
		fault: 'image-defect',
		options: { vectors: { installed: 'ed-base.bin', candidate: 'c-seccnt-unprot.bin' } },
		fires: (fleet) => fleet.deploy(fleet.releases.candidate()),
		idle: (fleet) => fleet.deploy(fleet.releases.candidate(), { devices: [] }),
		rows: ['X2'],
	},
	{
		fault: 'image-behaviour',
		fires: (fleet) => fleet.deploy(fleet.releases.behaving('crashes-at-boot')),
		idle: async (fleet) => void fleet.releases.behaving('crashes-at-boot'),
		rows: ['S2', 'M9'],
	},
	{
		fault: 'image-behaviour',
		fires: (fleet) => fleet.deploy(fleet.releases.behaving('cannot-connect', { onlyOn: 'sensor-r1' })),
		idle: (fleet) => fleet.deploy(fleet.releases.behaving('cannot-connect', { onlyOn: 'meter-r2' })),
		rows: ['T4'],
	},
	{
		fault: 'image-defect',
		fires: (fleet) => {
			fleet.rotateKeys();
			return fleet.deploy(fleet.releases.revoked());
		},
		idle: async (fleet) => {
			fleet.rotateKeys();
			fleet.releases.revoked();
			await fleet.deploy(fleet.releases.candidate());
		},
		rows: [],
	},
	{
		fault: 'key-rotation',
		fires: (fleet) => {
			fleet.rotateKeys({ forged: true });
			return fleet.deploy(fleet.releases.candidate());
		},
		idle: async (fleet) => fleet.rotateKeys({ forged: true }),
		rows: ['X7'],
	},
	{
		fault: 'weak-hardware',
		options: { weakRatio: 1 },
		fires: (fleet) => fleet.deploy(fleet.releases.candidate()),
		idle: (fleet) => fleet.sleep(HOUR_MS),
		rows: ['M9'],
	},
	{
		fault: 'controller-kill',
		fires: (fleet) => fleet.campaign(APPROVED, { killAfterMs: 10_000 }).catch(passKill),
		idle: (fleet) => fleet.campaign(APPROVED, { killAfterMs: 10_000 * HOUR_MS }),
		rows: ['T9'],
	},
	{
		fault: 'campaign-abort',
		fires: (fleet) => fleet.campaign(APPROVED, { abort: { afterMs: 10_000, who: 'Ines Haddad', why: 'enough' } }),
		idle: (fleet) => fleet.campaign(APPROVED, { abort: { afterMs: 10_000 * HOUR_MS, who: 'Ines Haddad', why: 'enough' } }),
		rows: ['T9'],
	},
];

const passKill = (error: unknown): void => {
	if (!(error instanceof CampaignKilledError)) throw error;
};

const account = async (options: FleetOptions | undefined, body: (fleet: OpenFleet) => Promise<unknown>) => {
	const faults = new FaultAccount();
	const coverage = new FaultCoverage();
	await withFleet(
		{ devices: 1, profiles: ['sensor'], ...options },
		async ({ fleet, events }: { readonly fleet: OpenFleet; readonly events: readonly BlackstartEvent[] }) => {
			await fleet.ready({ withinMs: HOUR_MS });
			await body(fleet);
			await fleet.settle({ withinMs: 12 * HOUR_MS });
			await fleet.finish();
			for (const event of events) {
				faults.observe(event);
				coverage.observe(event);
			}
		},
	);
	return { silent: faults.withoutEvidence(), rows: coverage.rows().map(({ row }) => row) };
};

for (const [index, { fault, options, fires, idle, rows }] of ASKED.entries()) {
	test.serial(
		`what is asked for without being armed leaves evidence where it takes effect, and is missed where it cannot: ${fault}, row ${index + 1}`,
		async (t) => {
			const fired = await account(options, fires);
			t.deepEqual(fired.silent, []);
			t.deepEqual(
				rows.filter((row) => !fired.rows.includes(row)),
				[],
			);
			const missed = await account(options, idle);
			t.regex(missed.silent.join('\n'), new RegExp(`^${fault}: 1 of 1 armed never fired`));
			t.false(missed.rows.some((row) => rows.includes(row) && row !== 'T9'));
		},
	);
}
