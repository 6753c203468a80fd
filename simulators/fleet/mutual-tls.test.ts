import test, { type ExecutionContext } from 'ava';
import { GOOD_LINK } from '../../harness/faults/index.js';
import { createRandom, RealClock } from '../../harness/time/index.js';
import { openCloud, RunAuthority } from '../cloud/index.js';
import { createLink, openFaultProxy, openMqttJsSession, openPacketSession, TlsTransport, type TlsClient } from '../network/index.js';

const SECRET = 'kept to itself';

/** A broker's TLS door behind the fault proxy, and a way to knock at it. */
const openBench = async (t: ExecutionContext) => {
	const clock = new RealClock();
	const authority = new RunAuthority();
	const cloud = await openCloud({ clock, credentials: (_thing, password) => Buffer.from(password).toString() === SECRET });
	t.teardown(() => cloud[Symbol.asyncDispose]());
	const door = await cloud.listenTcp({ host: '127.0.0.1', port: 0, tls: authority.doorTls() });
	const proxy = await openFaultProxy({ broker: { host: '127.0.0.1', port: door.port }, onError: (error) => t.fail(error.message) });
	t.teardown(() => proxy[Symbol.asyncDispose]());
	const rightful = (thing: string): TlsClient => ({ ...authority.identityOf(thing), authority: authority.certificate, serverName: authority.serverName });
	/** Resolves with `taken`, or with why it was not. */
	const knock = (client: TlsClient, { open = openPacketSession, password = SECRET, spoil = false } = {}): Promise<string> =>
		new Promise((resolve) => {
			const transport = new TlsTransport(proxy, { clientOf: () => client });
			const link = createLink({ clock, random: createRandom('knock'), conditions: GOOD_LINK, framing: 'tls' });
			if (spoil) link.cutAfter({ messages: 2 }, 'reset');
			const stream = transport.join(link, { thing: 't1' });
			const session = open(
				{ stream, clientId: 't1', username: 't1', password, keepaliveS: 30, clean: true, clock, connectTimeoutMs: 5_000 },
				{
					onConnected: () => {
						resolve('taken');
						session.close();
					},
					onMessage: () => t.fail('nothing was sent'),
					onClosed: resolve,
				},
			);
		});
	return { authority, cloud, door, knock, rightful };
};

test.serial('a thing with its certificate and its secret is taken, by either client; with a wrong secret it is not', async (t) => {
	const { cloud, knock, rightful } = await openBench(t);
	t.is(await knock(rightful('t1')), 'taken');
	t.is(await knock(rightful('t1'), { open: openMqttJsSession }), 'taken');
	t.is(cloud.stats.connections, 2);
	t.regex(await knock(rightful('t1'), { password: 'guessed' }), /^refused: code [45]$/);
	t.is(cloud.stats.connections, 2);
});

const REFUSED = {
	expired: 'CERT_HAS_EXPIRED',
	'not-yet-valid': 'CERT_NOT_YET_VALID',
	stranger: 'CERT_SIGNATURE_FAILURE',
} as const;

test.serial('a certificate that is expired, not yet valid, of a stranger or in another name is refused, and the door knows why', async (t) => {
	const { authority, cloud, door, knock, rightful } = await openBench(t);
	for (const [oddity, reason] of Object.entries(REFUSED)) {
		const identity = authority.oddIdentity('t1', oddity as keyof typeof REFUSED);
		t.is(await knock({ ...rightful('t1'), ...identity }), 'ended', oddity);
		t.is(door.refusals.get(reason), 1, [...door.refusals].join());
	}
	t.is(cloud.stats.refusedConnections, 0, 'none of them came as far as MQTT');
	t.is(await knock({ ...rightful('t1'), ...authority.oddIdentity('t1', 'wrong-name') }), 'refused: code 5');
	t.is(cloud.stats.connections, 0);
	t.is(await knock(rightful('t1')), 'taken');
});

test.serial('a revoked certificate is refused from the moment the door is told; the one it was rotated to is taken', async (t) => {
	const { authority, door, knock, rightful } = await openBench(t);
	const old = rightful('t1');
	t.is(await knock(old), 'taken');
	authority.rotate('t1');
	t.is(await knock(old), 'taken', 'nobody has told the door');
	door.changeTls(authority.doorTls());
	t.is(await knock(old), 'ended');
	t.is(door.refusals.get('CERT_REVOKED'), 1);
	t.is(await knock(rightful('t1')), 'taken');
	t.is(await knock(rightful('t2')), 'refused: code 5', 'a certificate is good for its own name');
	authority.revoke('t1');
	door.changeTls(authority.doorTls());
	t.is(await knock(rightful('t1')), 'ended');
	t.deepEqual([...door.refusals], [['CERT_REVOKED', 2]]);
});

test.serial('a thing does not take a broker that bears another name, or that another authority vouches for; a cut in the handshake is a reset', async (t) => {
	const { authority, door, knock, rightful, cloud } = await openBench(t);
	t.is(await knock({ ...rightful('t1'), authority: new RunAuthority().certificate }), 'link: CERT_SIGNATURE_FAILURE');
	t.is(await knock(rightful('t1'), { spoil: true }), 'link: ECONNRESET');
	door.changeTls(authority.doorTls({ server: authority.serverNamed('elsewhere.test') }));
	t.is(await knock(rightful('t1')), 'link: ERR_TLS_CERT_ALTNAME_INVALID');
	t.is(cloud.stats.connections, 0);
});
