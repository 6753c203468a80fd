import test from 'ava';
import { InstantQueue } from './instant-queue.js';
import { createRandom } from './random.js';

const drain = (queue: InstantQueue<string>): string[] => {
	const drained: string[] = [];
	for (let instant = queue.nextMs; instant !== undefined; instant = queue.nextMs) {
		for (const entry of queue.takeNext()) drained.push(`${instant} ${entry}`);
	}
	return drained;
};

for (let seed = 0; seed < 20; seed++) {
	test(`entries come by instant and within it as they were added, also after some were let go: seed ${seed}`, (t) => {
		const random = createRandom(`${seed}`);
		const queue = new InstantQueue<string>();
		const added: { readonly instant: number; readonly entry: string }[] = [];
		for (let index = 0; index < 200; index++) {
			const instant = random.integer(40);
			added.push({ instant, entry: `${index}` });
			queue.add(instant, `${index}`);
		}
		t.is(queue.size, 200);
		const isKept = (entry: string): boolean => Number(entry) % 7 < seed % 8;
		queue.keep(isKept);
		const later = { instant: random.integer(40), entry: '1000' };
		queue.add(later.instant, later.entry);
		const expected = [...added.filter(({ entry }) => isKept(entry)), later].sort((left, right) => left.instant - right.instant);
		t.is(queue.size, expected.length);
		t.deepEqual(queue.next?.[0], expected[0]?.entry);
		t.deepEqual(
			drain(queue),
			expected.map(({ instant, entry }) => `${instant} ${entry}`),
		);
		t.is(queue.size, 0);
		t.is(queue.next, undefined);
	});
}
