import test from 'ava';
import { UsageError } from '../usage-error.js';
import { type Demand, type Machine, preflight, readMachine } from './preflight.js';

const GIB = 1024 ** 3;
const LARGE: Machine = { fileDescriptors: 1_048_576, ports: 28_232, memoryBytes: 16 * GIB, heapBytes: 4 * GIB };
const FLEET: Demand = { devices: 10_000, jobs: 2, sockets: false };

const REFUSED: readonly { readonly demand?: Partial<Demand>; readonly machine?: Partial<Machine>; readonly says: RegExp }[] = [
	{
		demand: { devices: 1_000_000 },
		says: /1000000 devices would need about 39,183 of memory of one process \(MiB\), this machine allows 4,096: NODE_OPTIONS=--max-old-space-size=\d+/,
	},
	{ machine: { memoryBytes: GIB / 2 }, says: /memory of 2 processes \(MiB\), this machine allows 512: fewer --jobs/ },
	{ demand: { sockets: true }, machine: { fileDescriptors: 1_024 }, says: /40,100 of open files of one process, this machine allows 1,024: ulimit -n/ },
	{ demand: { sockets: true }, says: /40,000 of ports of the loopback, this machine allows 28,232: .*--shard 0\/N/ },
];

for (const [index, { demand, machine, says }] of REFUSED.entries()) {
	test(`a run that this machine cannot hold is refused before it begins, row ${index + 1}`, (t) => {
		t.regex(t.throws(() => preflight({ ...FLEET, ...demand }, { ...LARGE, ...machine }), { instanceOf: UsageError }).message, says);
	});
}

test('ceilings are told of a large fleet, not of a small one, and sockets only where there are any', (t) => {
	t.regex(preflight(FLEET, LARGE) ?? '', /^ceilings: memory of one process \(MiB\): 511 of 4,096 · memory of 2 processes/);
	t.notRegex(preflight(FLEET, LARGE) ?? '', /open files/);
	t.is(preflight({ ...FLEET, devices: 500 }, LARGE), undefined);
	t.regex(
		preflight({ devices: 5_000, jobs: 1, sockets: true }, LARGE) ?? '',
		/open files of one process: 20,100 of 1,048,576 · ports of the loopback: 10,000 of 28,232/,
	);
	t.notThrows(() => preflight({ devices: 5_000, jobs: 1, sockets: true }, { ...LARGE, ports: undefined, fileDescriptors: undefined }));
});

test('this machine says what it allows', (t) => {
	const { heapBytes, memoryBytes } = readMachine();
	t.true(heapBytes > 0 && memoryBytes > 0);
});
