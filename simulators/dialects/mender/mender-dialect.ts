import type { Dialect } from '../dialect.js';
import { PollingSession } from '../polling-session.js';
import { MenderClient } from './mender-client.js';
import { openMenderService } from './mender-service.js';

export const mender: Dialect = {
	openService: openMenderService,
	openSession: (peer, handlers) => new PollingSession(peer, { createClient: (ask) => new MenderClient(peer, ask), handlers }),
};
