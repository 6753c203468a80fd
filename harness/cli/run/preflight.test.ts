import test from 'ava';
import { UsageError } from '../usage-error.js';
import { type Demand, type Machine, preflight, readMachine, requireOpenFiles, socketsOf } from './preflight.js';

const GIB = 1024 ** 3;
const LARGE: Machine = { fileDescriptors: 1_048_576, ports: 28_232, memoryBytes: 16 * GIB, heapBytes: 4 * GIB, heapIsSet: false };
const FLEET: Demand = { devices: 10_000, jobs: 2 };
const TCP = { speed: 1, transport: 'tcp' } as const;
const sockets = socketsOf(TCP);
const few = socketsOf({ ...TCP, broker: 'mosquitto', faults: 'device' });

const REFUSED: readonly { readonly demand?: Partial<Demand>; readonly machine?: Partial<Machine>; readonly says: RegExp }[] = [
	{
		demand: { devices: 1_000_000 },
		machine: { heapIsSet: true },
		says: /1000000 devices would need about 39,183 of memory of one process \(MiB\), this machine allows 4,096: NODE_OPTIONS=--max-old-space-size=58774/,
	},
	{ demand: { devices: 1_000_000, jobs: 1 }, says: /39,183 of memory of 1 processes \(MiB\), this machine allows 16,384: fewer --jobs/ },
	{ machine: { memoryBytes: GIB / 2 }, says: /memory of 2 processes \(MiB\), this machine allows 512: fewer --jobs/ },
	{
		demand: { sockets },
		machine: { fileDescriptors: 1_024 },
		says: /40,100 of open files of one process, this machine allows 1,024: ulimit -n, --faults-at device, --broker-engine mosquitto, fewer --devices/,
	},
	{ demand: { sockets: few }, machine: { fileDescriptors: 10_000 }, says: /10,100 of open files of one process, this machine allows 10,000: ulimit -n, fewer/ },
	{ demand: { sockets }, says: /40,000 of ports of the loopback, this machine allows 28,232: .*--shard 0\/N/ },
];

for (const [index, { demand, machine, says }] of REFUSED.entries()) {
	test(`a run that this machine cannot hold is refused before it begins, row ${index + 1}`, (t) => {
		t.regex(t.throws(() => preflight({ ...FLEET, ...demand }, { ...LARGE, ...machine }), { instanceOf: UsageError }).message, says);
	});
}

test('ceilings are told of a large fleet, not of a small one, and sockets only where there are any', (t) => {
	t.deepEqual(preflight(FLEET, LARGE), { told: 'ceilings: memory of 2 processes (MiB): 1,022 of 16,384' });
	t.deepEqual(preflight({ ...FLEET, devices: 500 }, LARGE), {});
	t.regex(
		preflight({ devices: 5_000, jobs: 1, sockets }, LARGE).told ?? '',
		/open files of one process: 20,100 of 1,048,576 · ports of the loopback: 10,000 of 28,232/,
	);
	t.regex(preflight({ ...FLEET, jobs: 1, sockets: few }, LARGE).told ?? '', /open files of one process: 10,100 of 1,048,576 · ports of the loopback: 10,000/);
	t.is(socketsOf({ ...TCP, transport: 'memory' }), undefined);
	t.notThrows(() => preflight({ devices: 5_000, jobs: 1, sockets }, { ...LARGE, ports: undefined, fileDescriptors: undefined }));
});

test('a fleet that is too large for what Node allows a process is given more, as much as there is, unless somebody set it', (t) => {
	const large: Demand = { devices: 100_000, jobs: 1 };
	t.like(preflight(large, LARGE), { heapMib: 6_040 });
	t.regex(preflight(large, LARGE).told ?? '', /--max-old-space-size=6040 for each process$/);
	t.is(preflight({ ...large, jobs: 3 }, LARGE).heapMib, 5_462);
	t.is(preflight(large, { ...LARGE, heapBytes: 8 * GIB, heapIsSet: true }).heapMib, undefined);
});

test('a process that may hold too few files open to be loaded is told so', (t) => {
	t.regex(
		t.throws(() => requireOpenFiles({ fileDescriptors: 64 }), { instanceOf: UsageError }).message,
		/^open files of one process: 256 are needed at least, this machine allows 64: ulimit -n$/,
	);
	t.notThrows(() => requireOpenFiles({ fileDescriptors: undefined }));
});

test('this machine says what it allows', (t) => {
	const { heapBytes, memoryBytes } = readMachine();
	t.true(heapBytes > 0 && memoryBytes > 0);
});
