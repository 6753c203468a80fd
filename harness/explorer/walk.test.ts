import test, { type ExecutionContext } from 'ava';
import { createFactoryFallbackBootloader, createNeverRevertingBootloader, createSingleRecordBootloader } from '../../simulators/museum/parts/bootloaders.js';
import type { Bootloader, Slot } from '../bootloader/index.js';
import { BOOTLOADERS, buildSubject, type ImageShape } from '../cli/explore/index.js';
import {
	type CaseStep,
	claimChunk,
	countCuts,
	createClaims,
	encodeSteps,
	FactoryError,
	type FindingClass,
	mapCuts,
	parseSteps,
	replaySteps,
	type RunRequests,
	type RunResults,
	RunServer,
	type Subject,
	type SubjectParts,
	type TearLevel,
	traceFinding,
	Walk,
	WALK_DEFAULTS,
} from './index.js';

const PART = { sectors: 3, sectorSizeBytes: 512, writeSizeBytes: 4 };

const subjectOf = (name: string, images: ImageShape = 'old-fills', part = PART): Subject => {
	const bootloader = BOOTLOADERS.find((each) => each.name === name);
	if (bootloader === undefined) throw new RangeError(name);
	return buildSubject(bootloader, { part, images });
};

const ladderOf = (tears: TearLevel) => ({ ...WALK_DEFAULTS, tears });

/** The way to the first finding of a class. */
const shortestWay = (subject: Subject, wanted: { readonly class: FindingClass; readonly tears: TearLevel }): readonly CaseStep[] => {
	const walk = new Walk(subject, ladderOf(wanted.tears));
	const finding = walk.run().findings.find((each) => each.class === wanted.class);
	if (finding === undefined) throw new Error(`no finding of class ${wanted.class}`);
	return traceFinding(walk, finding, { level: wanted.tears, seeds: WALK_DEFAULTS.seeds });
};

for (const tears of ['L0', 'L1'] as const) {
	for (const images of ['old-fills', 'new-fills', 'rising-counter', 'tampered'] as const) {
		test(`the right ab bootloader is closed and clean: ${tears}, images ${images}`, (t) => {
			const result = new Walk(subjectOf('ab', images), ladderOf(tears)).run();
			t.deepEqual([result.end, result.frontier, result.findings], ['closed', 0, []]);
			t.true(result.cuts > 1000, `${result.cuts} cuts`);
		});
	}
}

const WRONG = [
	{ what: 'one record, erased and rewritten, with no way on without it', create: createSingleRecordBootloader, class: 'never-boots', cuts: 1 },
	{ what: 'one record, with the factory slot where it is lost', create: createFactoryFallbackBootloader, class: 'confirmed-lost', cuts: 1 },
	{ what: 'trials without end', create: createNeverRevertingBootloader, class: 'unconfirmed-kept', cuts: 0 },
] as const;

for (const { what, create, class: wanted, cuts } of WRONG) {
	test(`a wrong bootloader is caught after ${cuts} power losses, as ${wanted}, and its way replays: ${what}`, (t) => {
		const right = subjectOf('ab');
		const settings = { trialBoots: 2, verifyEveryBoot: true };
		const wrong: Subject = { ...right, create: (parts) => create({ ...parts, layout: right.layout, settings }, 'ab') };
		const steps = shortestWay(wrong, { class: wanted, tears: 'L0' });
		t.is(countCuts(steps), cuts);
		const seen = (subject: Subject) => replaySteps(subject, { ...ladderOf('L0'), steps }).flatMap(({ breaks }) => breaks.map((broken) => broken.class));
		t.true(seen(wrong).includes(wanted));
		t.false(seen(right).includes(wanted));
	});
}

test('a request that never ends is a finding of its own, and where power goes in it is not followed', (t) => {
	const right = subjectOf('ab', 'old-fills', { sectors: 2, sectorSizeBytes: 512, writeSizeBytes: 32 });
	const create = (parts: SubjectParts): Bootloader => {
		const { offsetBytes } = right.layout.slotB;
		const requestTrial = (): void => {
			for (let value = 0; ; value++) {
				parts.flash.erase(offsetBytes, 512);
				parts.flash.program(offsetBytes, new Uint8Array(32).fill(value));
			}
		};
		const bootloader = right.create(parts);
		return new Proxy(bootloader, { get: (target, name) => (name === 'requestTrial' ? requestTrial : bound(target, name)) });
	};
	const walk = new Walk({ ...right, create }, ladderOf('L0'));
	const { end, findings, nodes } = walk.run();
	t.deepEqual([end, findings.map((each) => each.class)], ['closed', ['endless-loop']]);
	t.true(nodes < 100, `${nodes} nodes`);
	t.true(mapCuts(walk.world, { level: 'L0', seeds: 2 }).every(({ step }) => step !== 'trial'));
});

test('a device whose factory step fails is not walked', (t) => {
	const right = subjectOf('ab');
	const provision = (): void => {
		throw new Error('no fuse');
	};
	const create: Subject['create'] = (parts) =>
		new Proxy(right.create(parts), { get: (target, name) => (name === 'provision' ? provision : bound(target, name)) });
	t.throws(() => new Walk({ ...right, create }, ladderOf('L0')).run(), { instanceOf: FactoryError, message: 'no fuse' });
});

/** Somebody on the same thread who claims two chunks of three as soon as they are posted. */
const helpWith = (subject: Subject, tears: TearLevel) => () => {
	const claims = createClaims();
	const server = new RunServer(subject, { level: tears, seeds: WALK_DEFAULTS.seeds });
	const results: RunResults[] = [];
	const post = (requests: RunRequests): void => {
		if (requests.chunk % 3 !== 0 && claimChunk(claims, requests.chunk, 2)) results.push(server.answer(requests));
		else server.skip(requests);
	};
	return { claims, links: [{ post, receive: () => results.shift() ?? null }] };
};

const SHARED = [
	{ name: 'ab', sectors: 8, tears: 'L0', limits: {} },
	{ name: 'mcuboot-swap-scratch', sectors: 3, tears: 'L1', limits: {} },
	{ name: 'mcuboot-overwrite', sectors: 4, tears: 'L3', limits: { states: 9_000 } },
] as const;

for (const { name, sectors, tears, limits } of SHARED) {
	test(`a walk with help sees the same states in the same order, and tells the same ways to the same breaks: ${name}, ${tears}`, (t) => {
		const subject = subjectOf(name, 'rising-counter', { sectors, sectorSizeBytes: 8192, writeSizeBytes: 8 });
		const alone = new Walk(subject, { ...ladderOf(tears), limits });
		const helped = new Walk(subject, { ...ladderOf(tears), limits, callHelpers: helpWith(subject, tears) });
		const tell = (walk: Walk) => {
			const { pages, sizeBytes, findings, ...result } = walk.run();
			const ways = findings.map((finding) => encodeSteps(traceFinding(walk, finding, { level: tears, seeds: WALK_DEFAULTS.seeds })));
			// Beliefs are numbered as they come up, which is earlier with help; as text, since the comparison of so many objects would take longer than both walks.
			const beliefs = Array.from({ length: walk.world.beliefs.size }, (_, belief) => JSON.stringify(walk.world.beliefs.accounts(belief)));
			const tellNode = ({ belief, ...node }: ReturnType<typeof walk.nodes.node>) => `${beliefs[belief]} ${Object.values(node).join(' ')}`;
			const nodes = Array.from({ length: walk.nodes.size }, (_, index) => tellNode(walk.nodes.node(index))).join();
			return { ...result, findings, ways, nodes };
		};
		const [withHelp, withNone] = [tell(helped), tell(alone)];
		t.true(withHelp.nodes === withNone.nodes);
		t.deepEqual({ ...withHelp, nodes: 0 }, { ...withNone, nodes: 0 });
		t.true(helped.sharedRuns > 200, `${helped.sharedRuns} runs were shared`);
		t.is(alone.sharedRuns, 0);
	});
}

test('a walk whose helper falls silent goes on alone', (t) => {
	const subject = subjectOf('ab', 'old-fills', { sectors: 8, sectorSizeBytes: 4096, writeSizeBytes: 8 });
	const { states, cuts, nodes } = new Walk(subject, ladderOf('L0')).run();
	const callHelpers = () => {
		const claims = createClaims();
		return { claims, links: [{ post: ({ chunk }: RunRequests) => void claimChunk(claims, chunk, 2), receive: () => null }] };
	};
	const left = new Walk(subject, { ...ladderOf('L0'), callHelpers }).run();
	t.deepEqual([left.states, left.cuts, left.nodes], [states, cuts, nodes]);
});

test('a hash that always collides costs time and no state', (t) => {
	const small = subjectOf('ab', 'old-fills', { ...PART, sectors: 2 });
	const { states, cuts, nodes } = new Walk(small, ladderOf('L0')).run();
	const colliding = new Walk(small, { ...ladderOf('L0'), mix: () => 0, hash: () => 0 }).run();
	t.deepEqual([colliding.states, colliding.cuts, colliding.nodes], [states, cuts, nodes]);
});

test('a walk that a limit ended is not closed, and says what it left', (t) => {
	for (const limits of [{ states: 50 }, { depth: 1 }]) {
		const result = new Walk(subjectOf('ab'), { ...ladderOf('L0'), limits }).run();
		t.not(result.end, 'closed');
		t.true(result.frontier > 0);
	}
});

for (const { name } of BOOTLOADERS) {
	test(`${name} is closed, and every break of it is a limit of the real one`, (t) => {
		const subject = subjectOf(name, 'old-fills', { sectors: 6, sectorSizeBytes: 4096, writeSizeBytes: 8 });
		let boots = 0;
		const walk = new Walk({ ...subject, create: (parts) => countBoots(subject.create(parts), () => boots++) }, ladderOf('L0'));
		const { end, findings } = walk.run();
		t.is(end, 'closed');
		t.true(boots < walk.world.machine.stateCount, `${boots} boots were carried out by the bootloader itself`);
		assertBoots(t, walk);
		t.deepEqual(
			findings.filter(({ limit }) => limit === undefined),
			[],
		);
	});
}

test('a bootloader that flash refuses where nobody looked is asked itself, however much else reads alike', (t) => {
	const subject = subjectOf('ab', 'old-fills', { sectors: 3, sectorSizeBytes: 512, writeSizeBytes: 4 });
	const { offsetBytes } = subject.layout.slotB;
	const create: Subject['create'] = (parts) => {
		const right = subject.create(parts);
		const boot = (): ReturnType<Bootloader['boot']> => {
			parts.flash.program(offsetBytes + 512, Uint8Array.of(0xff, 0xff, 0xff, 0x7f));
			return right.boot();
		};
		return new Proxy(right, { get: (target, name) => (name === 'boot' ? boot : bound(target, name)) });
	};
	const walk = new Walk({ ...subject, create }, { ...ladderOf('L1'), limits: { states: 400 } });
	const { findings } = walk.run();
	t.deepEqual(
		findings.map((each) => [each.class, each.cuts]),
		[['trap', 0]],
	);
	assertBoots(t, walk);
});

/** Every state boots as the book of the walk has it, the bootloader being asked once more. */
const assertBoots = (t: ExecutionContext, { world }: Walk): void => {
	const { machine, runs } = world;
	const wrong: string[] = [];
	for (let state = 0; state < machine.states.size; state++) {
		const todo = { action: 'boot', running: 'a', readSeed: 0 } as const;
		if (!runs.has(state, todo)) continue;
		const known = runs.run(state, todo);
		let operations = 0;
		machine.flash.watcher = { after: () => operations++ };
		const outcome = machine.run(state, todo);
		machine.flash.unwatch();
		const kind = outcome.kind === 'runs' ? `runs-${outcome.slot}` : outcome.kind;
		const end = machine.intern();
		if (kind !== known.outcome || end !== known.end) wrong.push(`state ${state}: ${kind} in ${end} was expected, got ${known.outcome} in ${known.end}`);
		if (operations === 0 && end !== state) wrong.push(`state ${state} changed without an operation`);
	}
	t.deepEqual(wrong, []);
};

const countBoots = (bootloader: Bootloader, onBoot: () => void): Bootloader =>
	new Proxy(bootloader, {
		get: (target, name) => {
			if (name === 'boot') onBoot();
			return bound(target, name);
		},
	});

const ON_TRIAL = [
	{ name: 'ab', outcome: /^trial-running/ },
	{ name: 'esp-otadata', outcome: /^trial-running/ },
	{ name: 'mcuboot-swap-scratch', outcome: /^done$/ },
] as const;

for (const { name, outcome } of ON_TRIAL) {
	test(`an image on trial may ask for another one, and what comes of it is judged: ${name}`, (t) => {
		const subject = subjectOf(name, 'old-fills', { sectors: 3, sectorSizeBytes: 4096, writeSizeBytes: 8 });
		const steps = parseSteps('write-1,trial,reset,boot,trial,reset,boot');
		const replayed = replaySteps(subject, { ...ladderOf('L0'), steps });
		t.regex(replayed[4]?.outcome ?? '', outcome);
		t.deepEqual(
			replayed.flatMap(({ breaks }) => breaks),
			[],
		);
		const spoiling: Subject = { ...subject, create: (parts) => spoilOnTrial(subject, parts) };
		t.deepEqual(
			replaySteps(spoiling, { ...ladderOf('L0'), steps })
				.at(-1)
				?.breaks.map((broken) => broken.class),
			['never-boots'],
		);
	});
}

/** Gives up both images when one on trial asks for another. */
const spoilOnTrial = (subject: Subject, parts: SubjectParts): Bootloader => {
	const right = subject.create(parts);
	const { slotA, slotB } = subject.layout;
	const requestTrial = (slot: Slot): void => {
		const state = right.state();
		const isOnTrial = state !== null && state.trial !== null && state.attemptsLeft < subject.contract.trialBoots && !state.lastRevert;
		if (!isOnTrial) return right.requestTrial(slot);
		for (const { offsetBytes, sizeBytes } of [slotA, slotB]) parts.flash.erase(offsetBytes, sizeBytes);
	};
	return new Proxy(right, { get: (target, name) => (name === 'requestTrial' ? requestTrial : bound(target, name)) });
};

const bound = (target: Bootloader, name: string | symbol): unknown => {
	const value: unknown = Reflect.get(target, name);
	return typeof value === 'function' ? value.bind(target) : value;
};
