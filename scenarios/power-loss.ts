import { type FleetDevice, type FleetPort, type Random, type ScenarioContext, scenario, TEAR_MODES, type TearMode } from '../harness/index.js';

const HOUR_MS = 3_600_000;
const OFF_MS = 2_000;

/** Every way to tear one operation; another run has other bits. */
const listCuts = (operations: number, random: Random): readonly { readonly operation: number; readonly tear: TearMode; readonly tearSeed: number }[] =>
	Array.from({ length: operations }, (_, operation) => TEAR_MODES.map((tear) => ({ operation, tear, tearSeed: random.integer(1_000) }))).flat();

const deploy = async (fleet: FleetPort, devices: readonly FleetDevice[]): Promise<void> => {
	await fleet.deploy(fleet.releases.candidate({ sizeBytes: 'fills-slot' }), { devices });
	await fleet.settle({ withinMs: 12 * HOUR_MS });
};

/** One device of the profile updates undisturbed; what it took is what the others are cut in. */
const measure = async (
	context: ScenarioContext,
	profile: string,
): Promise<{ readonly fleet: FleetPort; readonly operations: number; readonly messages: number }> => {
	const fleet = await context.openFleet({ devices: 1, profiles: [profile], referenceShare: 0.01 });
	await fleet.ready({ withinMs: HOUR_MS });
	const [model] = fleet.devices as [FleetDevice];
	const before = { flashOperations: model.flashOperations, messages: model.messages };
	await deploy(fleet, [model]);
	context.expect(model.outcome === 'updated', `an undisturbed update was to succeed, it ended ${model.outcome}`);
	return { fleet, operations: model.flashOperations - before.flashOperations, messages: model.messages - before.messages };
};

const judgeEnds = ({ expect, evidence }: ScenarioContext, devices: readonly FleetDevice[]): void => {
	const ended = (outcome: string): number => devices.filter((device) => device.outcome === outcome).length;
	evidence('devices updated', ended('updated'));
	evidence('devices reverted', ended('reverted'));
	const lost = devices.filter(({ outcome }) => outcome !== 'updated' && outcome !== 'reverted').map(({ id, outcome, state }) => `${id} ${outcome} (${state})`);
	expect(lost.length === 0, `every device was to end updated or reverted; these did not: ${lost.slice(0, 10).join(', ')}`);
};

for (const profile of ['sensor', 'meter', 'gateway']) {
	scenario(
		`power lost at every flash operation of an update, torn in every way: ${profile}`,
		{ needs: ['fleet', 'update', 'power', 'flash'] },
		async (context) => {
			const { fleet, operations } = await measure(context, profile);
			const cuts = listCuts(operations, context.random('tears'));
			const devices = await fleet.enrol(cuts.length);
			devices.forEach((device, index) => {
				const cut = cuts[index] as (typeof cuts)[number];
				fleet.arm(device, { kind: 'power-cut', moment: { at: 'operation', ...cut }, offMs: OFF_MS });
			});
			await deploy(fleet, devices);
			const fired = fleet.faultsFired('power-cut');
			context.evidence('flash operations', operations);
			context.evidence('tears for each', TEAR_MODES.length);
			context.evidence('cuts that took effect', fired);
			context.expect(
				fired === operations * TEAR_MODES.length,
				`${operations} operations × ${TEAR_MODES.length} tears were to be cut, ${fired} cuts took effect`,
			);
			judgeEnds(context, devices);
		},
	);

	scenario(`power lost at every message of an update: ${profile}`, { needs: ['fleet', 'update', 'power'] }, async (context) => {
		const { fleet, messages } = await measure(context, profile);
		const devices = await fleet.enrol(messages);
		devices.forEach((device, message) => {
			fleet.arm(device, { kind: 'power-cut', moment: { at: 'message', message }, offMs: OFF_MS });
		});
		await deploy(fleet, devices);
		const fired = fleet.faultsFired('power-cut');
		context.evidence('messages', messages);
		context.evidence('cuts that took effect', fired);
		context.expect(fired === messages, `${messages} messages were to be cut, ${fired} cuts took effect`);
		judgeEnds(context, devices);
	});
}

scenario('power lost at seeded moments across the fleet, again and again', { needs: ['fleet', 'update', 'power'], independent: true }, async (context) => {
	const { openFleet, options, random } = context;
	const fleet = await openFleet({
		devices: Math.ceil(options.devices * 0.4),
		link: { latencyMs: 100, jitterMs: 50, bandwidthBytesPerS: 2_000, lossRatio: 0.01 },
	});
	await fleet.ready({ withinMs: HOUR_MS });
	const chances = new Map(fleet.devices.map((device) => [device, random('cuts').stream(device.id)]));
	for (const [device, chance] of chances) {
		const moment = { at: 'operation', operation: chance.integer(12), tear: chance.pick(TEAR_MODES), tearSeed: chance.integer(1_000) } as const;
		fleet.arm(device, { kind: 'power-cut', moment, offMs: 500 + chance.integer(20_000) });
	}
	await fleet.deploy(fleet.releases.candidate());
	await fleet.sleep(120_000);
	for (let round = 0; round < 3; round++) {
		for (const [device, chance] of chances) {
			fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 1 + chance.integer(60_000) }, offMs: 500 + chance.integer(20_000) });
		}
		await fleet.sleep(90_000);
	}
	await fleet.settle({ withinMs: 24 * HOUR_MS });
	context.evidence('cuts that took effect', fleet.faultsFired('power-cut'));
	judgeEnds(context, fleet.devices);
});

scenario(
	'the supply sags at every flash operation of an update: wrong bits are found and written again',
	{ needs: ['fleet', 'update', 'flash'] },
	async (context) => {
		const { fleet, operations } = await measure(context, 'sensor');
		const devices = await fleet.enrol(operations);
		devices.forEach((device, operation) => {
			fleet.arm(device, { kind: 'brown-out', operation });
		});
		await deploy(fleet, devices);
		const fired = fleet.faultsFired('brown-out');
		context.evidence('flash operations', operations);
		context.evidence('programs that took wrong bits', fired);
		judgeEnds(context, devices);
	},
);
