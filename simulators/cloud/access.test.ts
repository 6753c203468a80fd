import test from 'ava';
import { identifyThing, matchesFilter, mayPublish, maySubscribe, thingOf } from './access.js';

const SECRET = Buffer.from('secret');
const credentials = (thing: string, password: Uint8Array): boolean => thing === 't1' && SECRET.equals(password);
const claim = { clientId: 't1', username: 't1', password: SECRET, certified: undefined };

const IDENTITIES: readonly [string, Partial<Parameters<typeof identifyThing>[0]>, string | undefined][] = [
	['a thing with its secret', {}, 't1'],
	['a thing whose library remarks on itself in the user name', { username: 't1?SDK=JS&Version=1' }, 't1'],
	['a thing under a foreign client id', { clientId: 't2' }, undefined],
	['a thing under a foreign name', { username: 't2' }, undefined],
	['a wrong secret', { password: Buffer.from('secreT') }, undefined],
	['no secret', { password: undefined }, undefined],
	['no user name', { username: undefined }, undefined],
	['a name with a wildcard', { username: '+', clientId: '+' }, undefined],
	['a certificate alone', { username: undefined, password: undefined, certified: 't1' }, 't1'],
	['a certificate and a remark', { username: '?SDK=JS', password: undefined, certified: 't1' }, 't1'],
	["a certificate of another thing, with this one's secret", { certified: 't2' }, undefined],
	['a certificate and its secret', { certified: 't1' }, 't1'],
	['a certificate with a wrong secret', { certified: 't1', password: Buffer.from('secreT') }, undefined],
	['a certificate without a name', { certified: '' }, undefined],
];
for (const [title, change, expected] of IDENTITIES) {
	test(`${title} is ${expected === undefined ? 'refused' : `taken as ${expected}`}`, (t) => {
		t.is(identifyThing({ ...claim, ...change }, credentials), expected);
	});
}

const TOPICS: readonly [string, boolean][] = [
	['$aws/things/t1/jobs/get', true],
	['$aws/things/t1/streams/s/get/cbor', true],
	['blackstart/things/t1/report', true],
	['blackstart/things/t1/presence', true],
	['blackstart/things/t2/presence', false],
	['blackstart/things/t1/presence/more', false],
	['$aws/things/t1', false],
	['$aws/things/t10/jobs/get', false],
	['$aws/things/t2/jobs/get', false],
	['$aws/things//jobs/get', false],
	['blackstart/things/t2/report', false],
	['blackstart/things/t1/report/more', false],
	['blackstart/things/t1/other', false],
	['$SYS/anything', false],
	['free', false],
	['', false],
];
for (const [topic, allowed] of TOPICS) {
	test(`t1 ${allowed ? 'may' : 'may not'} publish and subscribe to ${JSON.stringify(topic)}`, (t) => {
		t.is(mayPublish('t1', topic), allowed);
		t.is(maySubscribe('t1', topic), allowed);
	});
}

test('no filter that a thing may subscribe to matches a topic of another thing', (t) => {
	const filters = [
		'#',
		'+/#',
		'$aws/#',
		'$aws/things/#',
		'$aws/things/+/jobs/#',
		'$aws/things/t+/jobs/#',
		'+/things/t1/#',
		'$aws/things/t1/#',
		'$aws/things/t1/+/+',
	];
	const foreign = ['$aws/things/t2/jobs/notify-next', '$aws/things/t10/jobs/notify', 'blackstart/things/t2/report', '$SYS/b/heartbeat'];
	for (const filter of filters) {
		if (!maySubscribe('t1', filter)) continue;
		for (const topic of foreign) t.false(matchesFilter(filter, topic), `${filter} matches ${topic}`);
	}
	t.deepEqual(
		filters.filter((filter) => maySubscribe('t1', filter)),
		['$aws/things/t1/#', '$aws/things/t1/+/+'],
	);
});

test('filters match as a comparison level by level says, for every filter and topic of up to four levels', (t) => {
	const naive = (filter: string, topic: string): boolean => {
		const [wanted, levels] = [filter.split('/'), topic.split('/')];
		const hash = wanted.indexOf('#');
		const fixed = hash === -1 ? wanted : wanted.slice(0, hash);
		if (hash === -1 ? fixed.length !== levels.length : levels.length < fixed.length) return false;
		return fixed.every((level, index) => level === '+' || level === levels[index]);
	};
	const join = (levels: readonly string[], words: readonly string[]): string[] => levels.flatMap((head) => words.map((word) => `${head}/${word}`));
	const words = ['a', 'ab', ''];
	const topics = [words, join(words, words), join(join(words, words), words)].flat();
	const wild = [...words, '+'];
	const open = [wild, join(wild, wild), join(join(wild, wild), wild)].flat();
	const filters = [...open, ...open.map((filter) => `${filter}/#`), '#'];
	for (const filter of filters) for (const topic of topics) if (naive(filter, topic) !== matchesFilter(filter, topic)) t.fail(`${filter} against ${topic}`);
	t.pass();
});

test('a topic says whose it is', (t) => {
	t.is(thingOf('$aws/things/meter-1/jobs/start-next'), 'meter-1');
	t.is(thingOf('blackstart/things/meter-1/report'), 'meter-1');
	t.is(thingOf('somewhere/else'), undefined);
});
