import type { Dialect } from '../dialect.js';
import { openThingsboardService } from './thingsboard-service.js';
import { ThingsboardSession } from './thingsboard-session.js';

export const thingsboard: Dialect = { openService: openThingsboardService, openSession: (peer, handlers) => new ThingsboardSession(peer, handlers) };
