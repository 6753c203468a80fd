import { createServer } from 'node:net';
import { findServiceAddress, type ServicePlace } from '../host/index.js';
import type { CheckStep } from './check-board.js';

/** Sees that the update service can be listened for at the address that boards are told. Boards are not told it: that would be written to them. */
export const checkService = async (place: ServicePlace & { readonly port: number }): Promise<CheckStep> => {
	try {
		const host = findServiceAddress(place);
		await listenOnce({ host, port: place.port });
		return {
			step: 'network',
			state: 'good',
			what: `boards are sent to ${host}${place.port === 0 ? '' : `:${place.port}`}, where the update service can listen`,
		};
	} catch (error) {
		return {
			step: 'network',
			state: 'wrong',
			what: (error as Error).message,
			remedy: 'service of the rig file: an interface or an address of this machine that boards reach (`ip address`), and a port that nobody has',
		};
	}
};

const listenOnce = (at: { readonly host: string; readonly port: number }): Promise<void> =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(at, () => server.close(() => resolve()));
	});
