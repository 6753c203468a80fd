import type { Rung } from '../../scenario/index.js';
import { UsageError } from '../usage-error.js';

/** Throws a UsageError where the run is to start a broker that this machine does not have, or to show certificates that are not there. */
export const requireBroker = async (rung: Rung | undefined): Promise<void> => {
	if (rung?.broker?.startsWith('mqtts:')) return requireCertificates();
	if (rung?.broker !== 'mosquitto') return;
	const { whyNoMosquitto } = await import('../../../simulators/cloud/index.js');
	const why = await whyNoMosquitto();
	if (why !== null) throw new UsageError(`--broker-engine mosquitto: ${why}`);
};

const requireCertificates = async (): Promise<void> => {
	const { readServiceTls, readThingTls } = await import('../../../simulators/fleet/index.js');
	try {
		readServiceTls();
		// Of devices that have their own, the first shows whether there are any.
		readThingTls(FIRST_DEVICE, { serverName: '' });
	} catch (cause) {
		throw new UsageError((cause as Error).message, { cause });
	}
};

const FIRST_DEVICE = 'device-00001';
