import { UPDATE_PROTOCOLS, type UpdateProtocol } from '../../harness/ports/index.js';
import type { Dialect, DialectName } from './dialect.js';

export type { DeviceFacts, Dialect } from './dialect.js';
export { DialectCloud } from './dialect-cloud.js';

const DIALECTS: Readonly<Record<DialectName, () => Promise<Dialect>>> = {
	hawkbit: async () => (await import('./hawkbit/hawkbit-dialect.js')).hawkbit,
	mender: async () => (await import('./mender/mender-dialect.js')).mender,
	thingsboard: async () => (await import('./thingsboard/thingsboard-dialect.js')).thingsboard,
};

/** Loads what speaks a protocol; undefined for the default, which needs none. Throws a RangeError. Not for inside a virtual world, which waits for no file. */
export const loadDialect = async (protocol: UpdateProtocol = 'aws-iot'): Promise<Dialect | undefined> => {
	if (!UPDATE_PROTOCOLS.includes(protocol)) throw new RangeError(`protocol: one of ${UPDATE_PROTOCOLS.join(', ')} was expected, got '${protocol}'`);
	return protocol === 'aws-iot' ? undefined : DIALECTS[protocol]();
};
