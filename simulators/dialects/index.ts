import { UPDATE_PROTOCOLS, type UpdateProtocol } from '../../harness/ports/index.js';
import type { Dialect, DialectName } from './dialect.js';
import { HawkbitClient, hawkbitHeaders } from './hawkbit/hawkbit-client.js';
import { openHawkbitService } from './hawkbit/hawkbit-service.js';
import { MenderClient } from './mender/mender-client.js';
import { openMenderService } from './mender/mender-service.js';
import { PollingSession } from './polling-session.js';
import { ThingsboardSession } from './thingsboard/thingsboard-session.js';
import { openThingsboardService } from './thingsboard/thingsboard-service.js';

export type { DeviceFacts, Dialect } from './dialect.js';
export { DialectCloud } from './dialect-cloud.js';

const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
	hawkbit: {
		openService: openHawkbitService,
		openSession: (peer, handlers) => new PollingSession(peer, { createClient: (ask) => new HawkbitClient(peer, ask), handlers }),
		headersOf: hawkbitHeaders,
	},
	mender: {
		openService: openMenderService,
		openSession: (peer, handlers) => new PollingSession(peer, { createClient: (ask) => new MenderClient(peer, ask), handlers }),
	},
	thingsboard: { openService: openThingsboardService, openSession: (peer, handlers) => new ThingsboardSession(peer, handlers) },
};

/** Undefined for the default, which needs none. Throws a RangeError. */
export const dialectOf = (protocol: UpdateProtocol = 'aws-iot'): Dialect | undefined => {
	if (!UPDATE_PROTOCOLS.includes(protocol)) throw new RangeError(`protocol: one of ${UPDATE_PROTOCOLS.join(', ')} was expected, got '${protocol}'`);
	return protocol === 'aws-iot' ? undefined : DIALECTS[protocol];
};
