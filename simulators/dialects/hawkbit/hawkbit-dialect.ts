import type { Dialect } from '../dialect.js';
import { PollingSession } from '../polling-session.js';
import { HawkbitClient, hawkbitHeaders } from './hawkbit-client.js';
import { openHawkbitService } from './hawkbit-service.js';

export const hawkbit: Dialect = {
	openService: openHawkbitService,
	openSession: (peer, handlers) => new PollingSession(peer, { createClient: (ask) => new HawkbitClient(peer, ask), handlers }),
	headersOf: hawkbitHeaders,
};
