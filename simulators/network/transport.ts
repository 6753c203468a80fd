import type { Duplex } from 'node:stream';
import type { KernelLoss } from './kernel-loss.js';
import type { Link } from './link.js';

export interface JoinOptions {
	/** Nobody is to take the broker's end, which is silent or destroyed already. */
	readonly refused?: boolean;
	/** Whose device it is. */
	readonly thing?: string;
}

/** How the two ends of a link come to a device and to its broker. */
export interface Transport extends AsyncDisposable {
	/** What passes through links in place of plain MQTT packets. */
	readonly framing?: 'tls';
	/** Where packets are really dropped: links have none to lose then. */
	readonly loss?: KernelLoss | undefined;
	/** Gives the broker its end of a link and returns the stream that the device holds. */
	join(link: Link, options?: JoinOptions): Duplex;
}

/** Without a socket: the broker is handed the link's own end. */
export const createMemoryTransport = (accept: (stream: Duplex) => void): Transport => ({
	join: (link, { refused = false } = {}) => {
		if (!refused) accept(link.brokerEnd);
		return link.deviceEnd;
	},
	[Symbol.asyncDispose]: async () => {},
});
