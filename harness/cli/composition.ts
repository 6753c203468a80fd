import { provideTarget, type Rung } from '../scenario/index.js';
import { PLAN_VARIABLE, readPlan, type WorkerPlan } from './worker/plan.js';

/** Tells a scenario process what it can run on: the boards of the plan's rig, or a simulated fleet. Targets are loaded when a case opens one. */
export const provideTargets = async (): Promise<void> => {
	const plan = process.env[PLAN_VARIABLE] === undefined ? undefined : readPlan();
	if (plan?.rig !== undefined) await provideBoards(plan, plan.rig);
	else provideFleet(plan?.rung);
};

const provideFleet = (rung: Rung | undefined): void => {
	provideTarget({
		name: nameFleet(rung),
		capabilities: [
			...(['fleet', 'update', 'network', 'power', 'flash'] as const),
			...(rung === undefined ? (['virtual-time'] as const) : []),
			// Certificates at a broker of the user's are the user's.
			...(rung?.transport === 'tls' && (rung.broker === undefined || rung.broker === 'mosquitto') ? (['tls'] as const) : []),
			// A broker of somebody else's is neither stopped, nor told who connects there, nor asked whom it lets in.
			...(rung?.broker === undefined ? (['service'] as const) : []),
			...(rung?.broker === undefined || rung.broker === 'mosquitto' ? (['credentials'] as const) : []),
		],
		openFleet: async (context, options) => {
			const { openSimulatedFleet } = await import('../../simulators/fleet/index.js');
			return openSimulatedFleet(context, options);
		},
	});
};

const nameFleet = (rung: Rung | undefined): string => {
	if (rung === undefined) return 'simulated-fleet';
	if (rung.broker !== undefined) {
		const wire = `${rung.transport === 'tls' ? '-over-tls' : ''}${rung.mqtt === 5 ? '-in-mqtt-5' : ''}`;
		return `simulated-fleet-at-${rung.broker === 'mosquitto' ? 'a-mosquitto' : 'an-external-broker'}${wire}`;
	}
	return `simulated-fleet-${rung.transport === 'memory' ? 'in-real-time' : `over-${rung.transport}`}`;
};

const provideBoards = async ({ folder, directory }: WorkerPlan, { path, boards, emulated }: NonNullable<WorkerPlan['rig']>): Promise<void> => {
	const [{ openRigFile }, { BoardBench, createBoardTarget }] = await Promise.all([import('../../rigs/rig-file/index.js'), import('./board/index.js')]);
	const rig = openRigFile(path, { directory });
	const bench = new BoardBench({ rig, emulated, folder, purpose: 'blackstart run' });
	for (const spec of rig.boards) if (boards.includes(spec.name)) provideTarget(await createBoardTarget(spec, bench));
};
