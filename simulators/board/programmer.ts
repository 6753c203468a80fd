import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { FLASH_AREAS } from './factory.js';
import type { BoardAnswer, BoardRequest } from './process/board-socket.js';

const USAGE = `programmer --socket PATH --identify
programmer --socket PATH --area ${FLASH_AREAS.join('|')} FILE`;
const ANSWER_WITHIN_MS = 5000;

type Order = BoardRequest extends infer Request ? (Request extends { readonly id: number } ? Omit<Request, 'id'> : never) : never;

/** Holds RESET over one connection, asks the board, and lets go. Its exit code is 0 where the board did as asked, 2 for wrong use, else 1. */
const main = async (): Promise<number> => {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: { socket: { type: 'string' }, area: { type: 'string' }, identify: { type: 'boolean' } },
	});
	const [file] = positionals;
	if (
		values.socket === undefined ||
		(values.identify === true) === (file !== undefined) ||
		positionals.length > 1 ||
		(file !== undefined && values.area === undefined)
	) {
		process.stderr.write(`${USAGE}\n`);
		return 2;
	}
	const orders: Order[] = [{ op: 'request', line: 'RESET', consumer: 'programmer', activeLow: true, output: true }, { op: 'identify' }];
	if (file !== undefined) orders.push({ op: 'program', area: values.area as 'golden', image: readFileSync(file).toString('base64') });
	const answers = await ask(values.socket, orders);
	for (const answer of answers) {
		if (answer.ok) continue;
		process.stderr.write(`programmer: ${answer.error}\n`);
		return 1;
	}
	const [, identity, written] = answers;
	if (identity?.ok) process.stdout.write(`signature ${identity['signature']} serial ${identity['serial']}\n`);
	if (written?.ok) process.stdout.write(`100% ${written['bytes']} bytes of ${file} written to ${values.area}\n`);
	return 0;
};

const ask = (path: string, orders: readonly Order[]): Promise<readonly BoardAnswer[]> =>
	new Promise((resolve, reject) => {
		const socket = connect(path);
		let text = '';
		socket.setEncoding('utf8').setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error(`an answer within ${ANSWER_WITHIN_MS} ms was expected`)));
		socket.on('error', reject);
		socket.on('close', () => reject(new Error('the board closed the connection')));
		socket.on('data', (chunk: string) => {
			text += chunk;
			const lines = text.split('\n').slice(0, -1);
			if (lines.length < orders.length) return;
			resolve(lines.map((line) => JSON.parse(line) as BoardAnswer));
			socket.end();
		});
		orders.forEach((order, id) => {
			socket.write(`${JSON.stringify({ ...order, id })}\n`);
		});
	});

process.exitCode = await main().catch((error: Error) => {
	process.stderr.write(`programmer: ${error.message}\n`);
	return 1;
});
