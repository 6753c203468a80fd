import test from 'ava';
import { TbDevice, type TbDeviceOptions, type TbReport } from './tb-device.js';
import { ThingsboardError } from './tb-error.js';
import { checksumOf, firmwareOf, parseAttributeRequest, parseTelemetry, type TbMessage } from './tb-messages.js';
import { type TbAccount, type TbPackage, TbSession } from './tb-session.js';
import { isDownlink, parseChunkResponse, parseUplink } from './tb-topics.js';

const text = (payload: Uint8Array | undefined): string => Buffer.from(payload ?? []).toString();
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const BYTES = Uint8Array.from({ length: 1000 }, (_, index) => index * 7);

const packed = (change: Partial<TbPackage['firmware']> = {}, bytes = BYTES): TbPackage => ({
	bytes,
	firmware: {
		fw_title: 'sensor',
		fw_version: '2.0',
		fw_size: bytes.length,
		fw_checksum_algorithm: 'SHA256',
		fw_checksum: checksumOf([bytes], 'SHA256') ?? '',
		...change,
	},
});

const accountOf = (assigned: TbPackage | undefined): TbAccount => ({ name: 'd1', assigned, states: [], current: undefined, clientAttributes: new Map() });

class Sink {
	#kept: Uint8Array[] = [];
	get sizeBytes(): number {
		return this.#kept.reduce((total, { length }) => total + length, 0);
	}
	append(bytes: Uint8Array): void {
		this.#kept.push(Uint8Array.from(bytes));
	}
	clear(): void {
		this.#kept = [];
	}
	pieces(): Iterable<Uint8Array> {
		return this.#kept;
	}
}

const deviceOf = (change: Partial<TbDeviceOptions> = {}) => {
	const sink = new Sink();
	const device = new TbDevice({ running: { title: 'sensor', version: '1.0' }, sink, capacityBytes: 2000, chunkBytes: 300, ...change });
	return { device, sink };
};

/** Both sides at once, until neither has anything to say; `loses` drops messages on their way to the device. */
const converse = (device: TbDevice, session: TbSession, { loses = () => false }: { readonly loses?: (message: TbMessage) => boolean } = {}): boolean => {
	const queue: TbReport[] = [...device.connected()];
	let isClosed = false;
	for (let next = queue.shift(); next; next = queue.shift()) {
		const { messages, closes = false } = session.take(next);
		isClosed ||= closes;
		if (next.settles) device.settled();
		for (const message of messages) if (!loses(message)) queue.push(...device.message(message));
	}
	return isClosed;
};

const states = ({ states: given }: TbAccount): readonly string[] => given.map(({ state }) => state);

test('topics, attributes and chunks are those of the official API', (t) => {
	t.deepEqual(parseUplink('v1/devices/me/telemetry'), { kind: 'telemetry' });
	t.deepEqual(parseUplink('v1/devices/me/attributes/request/7'), { kind: 'attribute-request', requestId: 7 });
	t.deepEqual(parseUplink('v2/fw/request/3/chunk/12'), { kind: 'chunk-request', requestId: 3, chunk: 12 });
	t.deepEqual(parseChunkResponse('v2/fw/response/3/chunk/12'), { requestId: 3, chunk: 12 });
	for (const topic of ['v2/fw/response/3/chunk/12', 'v2/fw/request/x/chunk/1', 'v1/devices/other/telemetry', 'v1/devices/me/attributes/request/', ''])
		t.is(parseUplink(topic), undefined);
	t.true(isDownlink('v2/fw/response/+/chunk/+'));
	t.false(isDownlink('#'));
	const session = new TbSession(accountOf(packed()));
	const [answer] = session.take({ topic: 'v1/devices/me/attributes/request/5', payload: json({ sharedKeys: 'fw_title,fw_version,none' }) }).messages;
	t.is(answer?.topic, 'v1/devices/me/attributes/response/5');
	t.is(text(answer?.payload), '{"shared":{"fw_title":"sensor","fw_version":"2.0"}}');
	t.is(text(session.push()?.payload), JSON.stringify(packed().firmware));
});

test('a chunk size is plain text, kept by its request id; past the end there is nothing, and without a size everything', (t) => {
	const account = accountOf(packed());
	const session = new TbSession(account, { mostChunkBytes: 600 });
	const chunk = (requestId: number, index: number, size: string) =>
		session.take({ topic: `v2/fw/request/${requestId}/chunk/${index}`, payload: Buffer.from(size) });
	t.is(chunk(1, 1, '300').messages[0]?.topic, 'v2/fw/response/1/chunk/1');
	t.deepEqual(Buffer.from(chunk(1, 3, '').messages[0]?.payload ?? []), Buffer.from(BYTES.subarray(900)));
	t.is(chunk(1, 4, '').messages[0]?.payload.length, 0);
	t.is(chunk(2, 0, '').messages[0]?.payload.length, 1000);
	account.assigned = packed({ fw_version: '3.0' }, new Uint8Array(1000));
	t.deepEqual(Buffer.from(chunk(1, 0, '').messages[0]?.payload ?? []), Buffer.from(BYTES.subarray(0, 300)), 'a request id keeps its package');
	t.is(chunk(3, 0, '300').messages[0]?.payload[1], 0);
	t.like(chunk(1, 0, '601'), { closes: true, messages: [{ topic: 'v2/fw/error' }] });
	t.is(text(chunk(1, 0, '601').messages[0]?.payload), 'PAYLOAD_TOO_LARGE');
	account.assigned = undefined;
	t.is(text(chunk(9, 0, '10').messages[0]?.payload), 'NOT_FOUND');
	for (const size of ['"300"', '-1', '3e2']) t.deepEqual(chunk(1, 0, size), { messages: [], closes: true });
	t.deepEqual(session.take({ topic: 'v1/other', payload: Buffer.alloc(0) }), { messages: [], closes: true });
});

test('a package is downloaded in chunks, verified, installed and told, over a cut and a restart', (t) => {
	const account = accountOf(packed());
	const { device, sink } = deviceOf();
	t.false(converse(device, new TbSession(account), { loses: ({ topic }) => topic.endsWith('chunk/2') }));
	t.deepEqual([sink.sizeBytes, device.isWaiting], [600, true]);
	converse(device, new TbSession(account));
	t.deepEqual(states(account), ['DOWNLOADING', 'DOWNLOADING', 'DOWNLOADED', 'VERIFIED']);
	t.is(device.task?.firmware.fw_version, '2.0');
	t.deepEqual(
		device.message({ topic: 'v1/devices/me/attributes', payload: json(packed({ fw_version: '3.0' }).firmware) }),
		[],
		'nothing else is begun meanwhile',
	);
	t.is(text(device.installing()[0]?.payload), '{"current_fw_title":"sensor","current_fw_version":"1.0","fw_state":"UPDATING"}');
	t.deepEqual(device.installed('to-be-run'), []);
	const after = deviceOf({ running: { title: 'sensor', version: '2.0' }, memory: device.memory, outcome: { result: 'success' }, sink });
	converse(after.device, new TbSession(account));
	t.is(states(account).at(-1), 'UPDATED');
	t.deepEqual([account.current, after.device.memory, sink.sizeBytes], [{ title: 'sensor', version: '2.0' }, {}, 0]);
	const lost = deviceOf({ memory: { ...device.memory, stage: 'installing' } });
	converse(lost.device, new TbSession(account));
	t.deepEqual(account.states.at(-1), { state: 'FAILED', error: 'the installation did not come to its end' });
	t.throws(() => lost.device.installing(), { instanceOf: TypeError });
	t.throws(() => lost.device.installed('to-be-run'), { instanceOf: TypeError });
});

test('what a device will not take it fails once, with the reason, and asks for nothing', (t) => {
	for (const [change, error] of [
		[{ fw_title: 'motor' }, /the package is motor; this device runs sensor/],
		[{ fw_size: 2001 }, /2001 bytes; there is room for 2000/],
		[{ fw_checksum_algorithm: 'CRC32' }, /checksums of CRC32/],
		[{ fw_checksum_algorithm: 'constructor' }, /checksums of constructor/],
		[{ fw_checksum: '00' }, /SHA256 00 was promised, what came has/],
	] as const) {
		const account = accountOf(packed(change));
		const { device, sink } = deviceOf();
		converse(device, new TbSession(account));
		t.regex(account.states.at(-1)?.error ?? '', error);
		t.deepEqual([device.task, sink.sizeBytes, device.memory.stage], [undefined, 0, 'failed']);
		const before = account.states.length;
		converse(device, new TbSession(account));
		t.is(account.states.length, before, 'it is neither tried nor told again');
		account.assigned = packed({ fw_version: '2.1' });
		converse(device, new TbSession(account));
		t.is(device.task?.firmware.fw_version, '2.1', 'something else is');
	}
	const partial = accountOf({ bytes: BYTES, firmware: { fw_title: 'sensor', fw_version: '2.0' } as TbPackage['firmware'] });
	converse(deviceOf().device, new TbSession(partial));
	t.regex(partial.states[0]?.error ?? '', /^attributes.fw_size: /);
});

test('a package that is replaced between a cut and its resumption is begun anew, and never mixed', (t) => {
	const account = accountOf(packed());
	const { device, sink } = deviceOf();
	converse(device, new TbSession(account), { loses: ({ topic }) => topic.endsWith('chunk/2') });
	t.is(sink.sizeBytes, 600);
	const other = Uint8Array.from(BYTES, (byte) => byte ^ 0xff);
	account.assigned = packed({ fw_version: '2.1' }, other);
	converse(device, new TbSession(account));
	t.is(device.task?.firmware.fw_version, '2.1');
	t.deepEqual(Buffer.concat([...sink.pieces()]), Buffer.from(other));
});

test('a chunk that is late, of another request or of a wrong size is not taken; one that never comes right ends the download', (t) => {
	const account = accountOf(packed());
	const { device, sink } = deviceOf({ attempts: 3 });
	converse(device, new TbSession(account), { loses: ({ topic }) => topic.includes('chunk') });
	const id = 2;
	for (const topic of [`v2/fw/response/${id}/chunk/1`, `v2/fw/response/${id + 1}/chunk/0`, 'v2/fw/response/1/chunk/0'])
		t.deepEqual(device.message({ topic, payload: BYTES.subarray(0, 300) }), []);
	for (const length of [0, 299]) {
		const [again, ...more] = device.message({ topic: `v2/fw/response/${id}/chunk/0`, payload: BYTES.subarray(0, length) });
		t.deepEqual([again?.topic, text(again?.payload), more], [`v2/fw/request/${id}/chunk/0`, '300', []]);
	}
	t.is(sink.sizeBytes, 0);
	const [failed] = device.message({ topic: `v2/fw/response/${id}/chunk/0`, payload: BYTES.subarray(0, 301) });
	t.regex(text(failed?.payload), /"fw_state":"FAILED","fw_error":"chunk 0: 300 bytes were expected, got 301"/);
	t.deepEqual(device.unanswered(), []);
	t.true(device.connected()[0]?.settles, 'an end that was not acknowledged is told again');
	t.like(device.memory, { stage: 'failed', untold: { state: 'FAILED' } });
});

test('chunks that the server will not send are asked for smaller over the next connection, and go on where they were', (t) => {
	const account = accountOf(packed());
	const { device, sink } = deviceOf();
	converse(device, new TbSession(account), { loses: ({ topic }) => topic.endsWith('chunk/1') });
	t.true(converse(device, new TbSession(account, { mostChunkBytes: 200 })));
	t.false(converse(device, new TbSession(account, { mostChunkBytes: 200 })));
	t.is(device.task?.kind, 'install');
	t.deepEqual(Buffer.concat([...sink.pieces()]), Buffer.from(BYTES));
});

test('what ThingsBoard would not say is refused by the name of its place', (t) => {
	const rows: readonly [() => unknown, string][] = [
		[() => parseTelemetry(Buffer.from('{')), 'telemetry'],
		[() => parseTelemetry(json({ fw_state: 'DONE' })), 'telemetry.fw_state'],
		[() => parseAttributeRequest(json({ sharedKeys: 1 })), 'attributeRequest.sharedKeys'],
		[() => firmwareOf({ ...packed().firmware, fw_size: -1 }), 'attributes.fw_size'],
		[() => firmwareOf({ fw_version: '2' }), 'attributes.fw_title'],
		[() => parseTelemetry(Buffer.alloc(70_000, 0x20)), 'telemetry'],
	];
	for (const [parse, place] of rows) t.is(t.throws(parse, { instanceOf: ThingsboardError })?.place, place);
	t.is(firmwareOf({ other: 1 }), undefined);
});
