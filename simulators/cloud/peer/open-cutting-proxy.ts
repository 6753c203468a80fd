import { GOOD_LINK } from '../../../harness/faults/index.js';
import { type Clock, createRandom } from '../../../harness/time/index.js';
import { createLink, type FaultProxy, openFaultProxy } from '../../network/index.js';

/** The fault proxy between a client and its server: each connection is cut once it has carried as many bytes as the first entry of `cuts` says, which is then used up. */
export const openCuttingProxy = ({ port, cuts, clock }: { readonly port: number; readonly cuts: number[]; readonly clock: Clock }): Promise<FaultProxy> => {
	const random = createRandom('peer');
	return openFaultProxy({
		broker: { host: '127.0.0.1', port },
		onError: (error) => console.error(`the fault proxy: ${error.message}`),
		linkOfStranger: () => {
			const link = createLink({ clock, random, conditions: { ...GOOD_LINK, latencyMs: 2, jitterMs: 0 }, bufferBytes: 1 << 26 });
			const [bytes] = cuts;
			if (bytes !== undefined) link.cutAfter({ bytes }, 'reset');
			link.onFault = () => cuts.shift();
			return link;
		},
	});
};
