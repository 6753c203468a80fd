import { provideTarget } from '../scenario/index.js';

/** Tells a scenario process what it can run on. Targets are loaded when a case opens one. */
export const provideTargets = (): void => {
	provideTarget({
		name: 'simulated-fleet',
		capabilities: ['fleet', 'update', 'network', 'power', 'flash', 'service'],
		openFleet: async (context, options) => {
			const { openSimulatedFleet } = await import('../../simulators/fleet/index.js');
			return openSimulatedFleet(context, options);
		},
	});
};
