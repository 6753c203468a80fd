import type { Rung } from '../../scenario/index.js';
import { UsageError } from '../usage-error.js';

/** Throws a UsageError where the run is to start a broker that this machine does not have. */
export const requireBroker = async (rung: Rung | undefined): Promise<void> => {
	if (rung?.broker !== 'mosquitto') return;
	const { whyNoMosquitto } = await import('../../../simulators/cloud/index.js');
	const why = await whyNoMosquitto();
	if (why !== null) throw new UsageError(`--broker-engine mosquitto: ${why}`);
};
