import { type FleetDevice, type FleetPort, scenario } from '../harness/index.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const namesOf = (devices: readonly FleetDevice[]): string => devices.map(({ id }) => id).join(', ');

/** Sends the candidate to every device, and says which of them do not run it in the end. */
const update = async (fleet: FleetPort): Promise<readonly FleetDevice[]> => {
	const release = fleet.releases.candidate();
	await fleet.deploy(release);
	await fleet.settle({ withinMs: 2 * HOUR_MS });
	return fleet.devices.filter(({ version }) => version !== release.version);
};

scenario(
	'a clock that begins at 1970 with each return of power keeps nobody from connecting, even where no time server answers',
	{ needs: ['fleet', 'update', 'power', 'virtual-time'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 6, harnessImages: true, certificates: { timeSource: false } });
		await fleet.ready({ withinMs: HOUR_MS });
		for (const device of fleet.devices) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: MINUTE_MS }, offMs: 2 * DAY_MS });
		await fleet.sleep(2 * DAY_MS + 2 * HOUR_MS);
		await fleet.ready({ withinMs: HOUR_MS });
		const left = await update(fleet);
		expect(left.length === 0, `every device was to connect and be updated, these were not: ${namesOf(left)}`);
	},
);

for (const { where, toEpochMs } of [
	{ where: '1970', toEpochMs: 0 },
	{ where: '2106', toEpochMs: 2 ** 32 * 1_000 },
] as const) {
	scenario(
		`a clock that jumps to ${where} in the middle of an update, and a link that drops after it, cost no update`,
		{ needs: ['fleet', 'update'] },
		async ({ openFleet, expect }) => {
			const fleet = await openFleet({ devices: 6, harnessImages: true, certificates: {} });
			await fleet.ready({ withinMs: HOUR_MS });
			for (const device of fleet.devices) {
				fleet.arm(device, { kind: 'clock-jump', afterMs: 100, toEpochMs });
				fleet.arm(device, { kind: 'link-reset', after: { messages: 12 } });
			}
			const left = await update(fleet);
			expect(left.length === 0, `every device was to be updated, these were not: ${namesOf(left)}`);
			const late = fleet.devices.filter(({ boots }) => boots !== 2);
			expect(late.length === 0, `nobody was to reset for its clock, these did: ${namesOf(late)}`);
			// Nothing that a device waits for is measured by the clock of the day.
			expect(fleet.nowMs < 30 * MINUTE_MS, `the updates were to take minutes, they took ${fleet.nowMs / MINUTE_MS}`);
		},
	);
}

scenario(
	"devices that were dark for longer than the service's certificate lives ask for the time, and come back",
	{ needs: ['fleet', 'update', 'power', 'virtual-time'] },
	async ({ openFleet, expect }) => {
		const fleet = await openFleet({ devices: 6, harnessImages: true, certificates: { serverDays: 3 } });
		await fleet.ready({ withinMs: HOUR_MS });
		for (const device of fleet.devices) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: MINUTE_MS }, offMs: 5 * DAY_MS });
		await fleet.sleep(5 * DAY_MS + HOUR_MS);
		await fleet.ready({ withinMs: HOUR_MS });
		const left = await update(fleet);
		expect(left.length === 0, `every device was to come back and be updated, these were not: ${namesOf(left)}`);
	},
);
