import test, { type ExecutionContext } from 'ava';
import { openSerialConsole } from '../../drivers/console/index.js';
import { type FarEnd, openFarEnd } from '../../drivers/far-end.test.support.js';
import { openRigFile } from '../../rig-file/index.js';
import { fileURLToPath } from 'node:url';
import { Conversation } from '../conversation.js';
import { crc16, encodeBlock, sendImage } from './index.js';

const [BOARD] = openRigFile(fileURLToPath(new URL('../../../../rigs/virtual.yaml', import.meta.url))).boards;
const IMAGE = Uint8Array.from({ length: 3000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);

type Way = 'xmodem' | 'ymodem' | 'base64-lines';

/** A console of a board whose update takes that way, and the board's side of the wire. */
const openBoardSide = async (t: ExecutionContext, how: Way, { answer }: { readonly answer?: RegExp } = {}) => {
	const far = openFarEnd();
	const console = await openSerialConsole({ name: 'b', baudRate: 115_200, lines: 'none', resolvePort: async () => far.path });
	t.teardown(async () => {
		await console[Symbol.asyncDispose]();
		await far.die();
	});
	if (BOARD === undefined) throw new Error('a board was expected');
	const { type } = BOARD;
	const spoken = { ...type, serialUpdate: how, commands: { ...type.commands, update: { send: 'load', ...(answer ? { answer } : {}) } } };
	const talk = new Conversation('b', { console, syntax: spoken.console });
	const send = (image: Uint8Array) => sendImage(image, { console, board: 'b', withinMs: 1500, type: spoken, talk });
	return { far, send };
};

interface Receiving {
	readonly withCrc: boolean;
	readonly isYmodem: boolean;
	/** Takes data behind the header without asking for it, as U-Boot does. */
	readonly isTerse?: boolean;
	/** What is answered to the nth block in place of ACK. */
	readonly misbehave?: (block: number) => 'nak' | 'cancel' | undefined;
}

/** The receiver's side by the protocol's reference: echoes a command, asks for blocks, checks number, complement and CRC or sum. */
const receive = (far: FarEnd, { withCrc, isYmodem, isTerse = false, misbehave = () => undefined }: Receiving) => {
	let rest = Buffer.alloc(0);
	let state: 'command' | 'blocks' | 'done' = 'command';
	let next = isYmodem ? 0 : 1;
	let seen = 0;
	const taken: Buffer[] = [];
	const names: string[] = [];
	const block = (bytes: Buffer): void => {
		const data = bytes.subarray(3, bytes[0] === 2 ? 1027 : 131);
		const check = bytes.subarray(3 + data.length);
		const good = withCrc ? check.readUInt16BE(0) === crc16(data) : check[0] === data.reduce((sum, byte) => (sum + byte) & 0xff, 0);
		const odd = misbehave(seen++);
		if (odd === 'cancel') return void far.write('\x18\x18');
		if (!good || odd === 'nak' || bytes[1] !== (next & 0xff) || bytes[2] !== (~next & 0xff)) return void far.write('\x15');
		if (isYmodem && next === 0) {
			names.push(data.toString('latin1').replace(/\0+$/, ''));
			far.write(data[0] === 0 ? '\x06\r\nok\r\n> ' : isTerse ? '\x06' : '\x06C');
			if (data[0] === 0) state = 'done';
		} else {
			taken.push(Buffer.from(data));
			far.write('\x06');
		}
		next++;
	};
	far.onBytes((bytes) => {
		rest = Buffer.concat([rest, bytes]);
		if (state === 'command') {
			const line = rest.indexOf('\r');
			if (line < 0) return void far.write(bytes);
			rest = Buffer.alloc(0);
			state = 'blocks';
			far.write(`\r\nSend Code now\r\n${withCrc ? 'C' : '\x15'}`);
		}
		while (state === 'blocks' && rest.length > 0) {
			if (rest[0] === 0x18) return;
			if (rest[0] === 0x04) {
				rest = rest.subarray(1);
				if (isYmodem) {
					next = 0;
					far.write('\x06C');
				} else {
					state = 'done';
					far.write('\x06\r\nok\r\n> ');
				}
				continue;
			}
			const size = (rest[0] === 2 ? 1024 : 128) + 3 + (withCrc ? 2 : 1);
			if (rest.length < size) return;
			block(rest.subarray(0, size));
			rest = rest.subarray(size);
		}
	});
	return { image: () => Buffer.concat(taken), names };
};

for (const one of [
	{ how: 'xmodem', withCrc: true, garbles: true },
	{ how: 'xmodem', withCrc: false, garbles: false },
	{ how: 'ymodem', withCrc: true, garbles: true },
	{ how: 'ymodem', withCrc: true, garbles: false, isTerse: true },
] as const) {
	const isTerse = 'isTerse' in one;
	const { how, withCrc, garbles } = one;
	test(`an image goes over a real tty by ${how} to a receiver that wants ${withCrc ? 'a CRC' : 'a sum'}${garbles ? ', a garbled block again' : ''}${isTerse ? ' and does not ask for data' : ''}`, async (t) => {
		const { far, send } = await openBoardSide(t, how);
		const isYmodem = how === 'ymodem';
		const receiver = receive(far, { withCrc, isYmodem, isTerse, misbehave: (block) => (garbles && block === 2 ? 'nak' : undefined) });
		await send(IMAGE);
		const image = receiver.image();
		t.true(image.subarray(0, IMAGE.length).equals(IMAGE));
		t.true(image.subarray(IMAGE.length).every((byte) => byte === 0xff));
		t.is(image.length % (isYmodem ? 1024 : 128), 0);
		if (isYmodem) t.deepEqual(receiver.names, [`image.bin\0${IMAGE.length} `, '']);
	});
}

test('a receiver that calls the transfer off, or takes a block never, ends it with the number of the block, and is told', async (t) => {
	const first = await openBoardSide(t, 'xmodem');
	receive(first.far, { withCrc: true, isYmodem: false, misbehave: (block) => (block === 3 ? 'cancel' : undefined) });
	await t.throwsAsync(first.send(IMAGE), {
		name: 'BoardError',
		code: 'transfer',
		message: /^board b: block 4 of 24: an ACK was expected, its receiver called/,
	});
	while (!first.far.heard().includes(Buffer.of(0x18, 0x18, 0x18))) await new Promise(setImmediate);
	const second = await openBoardSide(t, 'xmodem');
	receive(second.far, { withCrc: true, isYmodem: false, misbehave: (block) => (block >= 1 ? 'nak' : undefined) });
	await t.throwsAsync(second.send(IMAGE), { code: 'transfer', message: /^board b: block 2 of 24: an ACK was expected, its receiver answered NAK 10 times/ });
});

test('blocks of XMODEM are numbered from 1 modulo 256, with the complement behind', (t) => {
	const block = encodeBlock(257, { data: new Uint8Array(128).fill(0x41), withCrc: false });
	t.deepEqual([...block.subarray(0, 4)], [1, 1, 0xfe, 0x41]);
	t.is(block.at(-1), (128 * 0x41) & 0xff);
	t.is(encodeBlock(2, { data: new Uint8Array(1024), withCrc: true }).length, 1029);
});

for (const { lost, says } of [
	{ lost: false, says: undefined },
	{ lost: true, says: /^board b: line 3 of 53: its echo was expected, came "/ },
]) {
	test(`an image goes as lines of base64 into a shell, each held to its echo${lost ? ': a letter that is lost ends it' : ''}`, async (t) => {
		const { far, send } = await openBoardSide(t, 'base64-lines');
		let typed = '';
		let lines = 0;
		far.onBytes((bytes) => {
			for (const letter of bytes.toString('latin1')) {
				if (letter === '\x04') far.write('\r\nok\r\n> ');
				else if (letter === '\r') {
					lines++;
					far.write('\r\n');
					typed += '\n';
				} else if (!(lost && lines === 3 && letter === 'A')) {
					typed += letter;
					far.write(letter);
				}
			}
		});
		if (says) return void (await t.throwsAsync(send(IMAGE), { code: 'transfer', message: says }));
		await send(IMAGE);
		t.true(Buffer.from(typed.slice(typed.indexOf('\n') + 1), 'base64').equals(IMAGE));
	});
}
