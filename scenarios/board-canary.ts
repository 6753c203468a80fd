import { digestFor, scenario } from '../harness/index.js';

const DEVICES = 300;

scenario(
	'a release over MQTT reaches the board, and the service knows what runs',
	{ needs: ['board', 'update', 'mqtt-update'] },
	async ({ openBoard, expect }) => {
		const board = await openBoard();
		const { updateMs, bootMs, installMs, confirmMs } = board.timings;
		const candidate = board.releases.candidate();
		await board.update(candidate, { path: 'mqtt', withinMs: updateMs });
		await board.restart();
		const running = await board.settle({ withinMs: bootMs + installMs + confirmMs });
		expect(running.digest === digestFor(board, candidate), `the board was to run ${candidate.version}, it runs ${running.version}`);
	},
);

scenario(
	`a board is the canary of a simulated fleet of ${DEVICES} on the same broker, and comes to what its models come to`,
	{ needs: ['board', 'update', 'mqtt-update', 'fleet-beside'] },
	async ({ openBoard, openFleet, step, evidence, expect }) => {
		const board = await openBoard();
		const fleet = await openFleet({ devices: DEVICES, profiles: ['sensor'], referenceShare: 0.02 });
		await fleet.ready({ withinMs: 10 * 60_000 });
		const { updateMs, bootMs, installMs, confirmMs } = board.timings;
		const candidate = board.releases.candidate();
		const canaryFrom = fleet.nowMs;
		await board.update(candidate, { path: 'mqtt', withinMs: updateMs });
		await board.restart();
		const running = await board.settle({ withinMs: bootMs + installMs + confirmMs });
		evidence('canary, ms of its models', Math.round(fleet.nowMs - canaryFrom));
		expect(running.digest === digestFor(board, candidate), `the canary was to run ${candidate.version}, it runs ${running.version}`);
		step('the canary confirmed its release: the fleet gets its own');
		const release = fleet.releases.candidate();
		const fleetFrom = fleet.nowMs;
		await fleet.deploy(release);
		await fleet.settle({ withinMs: 20 * 60_000 });
		evidence('fleet, ms of its models', Math.round(fleet.nowMs - fleetFrom));
		const updated = fleet.devices.filter(({ outcome, version }) => outcome === 'updated' && version === release.version).length;
		evidence('models updated', updated);
		expect(updated === DEVICES, `every model was to come to what the board came to, ${updated} of ${DEVICES} did`);
	},
);
