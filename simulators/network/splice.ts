import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Joins a socket and a link's end: bytes, orderly ends, and resets, each as the other side would hear them. */
export const splice = (socket: Socket, end: Duplex): void => {
	end.on('error', () => socket.resetAndDestroy());
	socket.on('error', () => end.destroy());
	end.once('close', () => {
		if (!socket.destroyed) socket.end();
	});
	socket.once('close', () => end.destroy());
	if (end.destroyed) {
		if (end.errored) socket.resetAndDestroy();
		else socket.destroy();
		return;
	}
	socket.pipe(end);
	end.pipe(socket);
};
