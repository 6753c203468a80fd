import { connect, createServer, type Socket } from 'node:net';
import { openKernelLoss } from './kernel-loss.js';

/** Sends much through two connections, one whose packets are lost and one that is spared, and tells what the kernel counted after each. */
const SIZE_BYTES = 60_000;
const server = createServer((socket) => void socket.pipe(socket));
await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, () => resolve()));
const address = server.address();
const port = address !== null && typeof address === 'object' ? address.port : 0;
const loss = await openKernelLoss({
	port,
	lossRatio: 0,
	onError: (error) => {
		throw error;
	},
});

const echo = async (device: string): Promise<number> => {
	const socket: Socket = connect({ host: '127.0.0.1', port, localAddress: loss.addressOf(device) });
	let received = 0;
	socket.write(Buffer.alloc(SIZE_BYTES));
	for await (const bytes of socket) {
		received += (bytes as Buffer).length;
		if (received === SIZE_BYTES) break;
	}
	return received;
};

const spared = { received: await echo('spared'), ...(await loss.readCounts()) };
loss.setLoss('struck', 0.1);
await loss.readCounts();
const struck = { received: await echo('struck'), ...(await loss.readCounts()) };
loss.setLoss('struck', 0);
await loss.readCounts();
const again = { received: await echo('struck'), ...(await loss.readCounts()) };
await loss[Symbol.asyncDispose]();
server.close();
process.stdout.write(JSON.stringify({ spared, struck, again }));
