import test from 'ava';
import { ThingEmitter } from './thing-emitter.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Filters whose listeners a message on that topic reaches. */
const reached = (emitter: ThingEmitter, topic: string, seen: string[]): readonly string[] => {
	seen.length = 0;
	let ended = false;
	emitter.emit({ topic }, () => {
		ended = true;
	});
	return ended ? [...seen].sort() : ['not ended'];
};

test('a message reaches the filters that match it, of its thing and of the broker itself', (t) => {
	const emitter = new ThingEmitter();
	const seen: string[] = [];
	const filters = [
		'$aws/things/one/jobs/+/get/#',
		'$aws/things/one/jobs/notify-next',
		'$aws/things/two/#',
		'$aws/things/+/jobs/notify-next',
		'$SYS/+/birth',
		'#',
	];
	for (const filter of filters) {
		emitter.on(filter, (_packet, done) => {
			seen.push(filter);
			done();
		});
	}
	t.deepEqual(reached(emitter, '$aws/things/one/jobs/notify-next', seen), ['#', '$aws/things/+/jobs/notify-next', '$aws/things/one/jobs/notify-next']);
	t.deepEqual(reached(emitter, '$aws/things/one/jobs/7/get/accepted', seen), ['#', '$aws/things/one/jobs/+/get/#']);
	t.deepEqual(reached(emitter, '$aws/things/two', seen), ['#']);
	t.deepEqual(reached(emitter, '$aws/things/two/x', seen), ['#', '$aws/things/two/#']);
	t.deepEqual(reached(emitter, '$SYS/broker/birth', seen), ['#', '$SYS/+/birth']);
});

test('a filter ends where the level of its thing does', (t) => {
	const emitter = new ThingEmitter();
	const seen: string[] = [];
	emitter.on('$aws/things/two/#', (_packet, done) => {
		seen.push('two');
		done();
	});
	t.deepEqual(reached(emitter, '$aws/things/two2/x', seen), []);
	t.deepEqual(reached(emitter, '$aws/things/tw/x', seen), []);
});

test('the end of a message waits for every listener', (t) => {
	const emitter = new ThingEmitter();
	const waiting: (() => void)[] = [];
	for (const filter of ['a/b/c/d', 'a/b/c/+']) emitter.on(filter, (_packet, done) => void waiting.push(done));
	let ended = 0;
	emitter.emit({ topic: 'a/b/c/d' }, () => ended++);
	t.is(waiting.length, 2);
	waiting[0]?.();
	t.is(ended, 0);
	waiting[1]?.();
	t.is(ended, 1);
});

test('a listener that is removed hears nothing more, and its equals do', async (t) => {
	const emitter = new ThingEmitter();
	const heard: string[] = [];
	const listen = (name: string) => (_packet: object, done: () => void) => {
		heard.push(name);
		done();
	};
	const first = listen('first');
	emitter.on('a/b/c/d', first).on('a/b/c/d', listen('second')).on('+/b', listen('third'));
	await new Promise<void>((resolve) => emitter.removeListener('a/b/c/d', first, resolve));
	emitter.emit({ topic: 'a/b/c/d' });
	t.deepEqual(heard, ['second']);
	emitter.removeListener('a/b/c/d', first);
	emitter.removeListener('x/y/z/0', first);
	await turn();
	emitter.emit({ topic: 'a/b/c/d' });
	t.deepEqual(heard, ['second', 'second']);
});

test('a closed emitter says so', async (t) => {
	const emitter = new ThingEmitter();
	await new Promise<void>((resolve) => emitter.close(resolve));
	emitter.emit({ topic: 'a' }, (error) => t.regex(error?.message as string, /closed/));
	t.plan(1);
});
