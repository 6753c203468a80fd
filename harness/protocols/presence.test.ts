import test from 'ava';
import { encodePresence, isAsNewAs, parsePresence, presenceTopic } from './presence.js';

test('a presence message is read as it was written', (t) => {
	const presence = { state: 'online', boot: 7, connection: 3 } as const;
	t.deepEqual(parsePresence(encodePresence(presence)), presence);
	t.is(presenceTopic('t1'), 'blackstart/things/t1/presence');
});

for (const [what, text] of [
	['no JSON', '{'],
	['no object', '"online"'],
	['nothing', 'null'],
	['another state', '{"state":"gone","boot":1,"connection":1}'],
	['no session', '{"state":"online","boot":1}'],
	['a session that is no whole number', '{"state":"online","boot":1.5,"connection":1}'],
	['a message beyond the bound', `{"state":"online","boot":1,"connection":1,"more":"${'x'.repeat(256)}"}`],
] as const) {
	test(`${what} is no presence`, (t) => {
		t.is(parsePresence(Buffer.from(text)), undefined);
	});
}

test('of two messages the one of the later session counts: by boot, then by connection', (t) => {
	const known = { state: 'online', boot: 5, connection: 2 } as const;
	const isNew = (boot: number, connection: number): boolean => isAsNewAs({ state: 'offline', boot, connection }, known);
	t.deepEqual([isNew(5, 2), isNew(5, 3), isNew(6, 1)], [true, true, true]);
	t.deepEqual([isNew(5, 1), isNew(4, 9)], [false, false]);
});
