import { cutUpdate, digestFor, planCuts, profileUpdate, RealClock, scenario } from '../harness/index.js';

const CUTS = 5;

scenario(
	'power cut at moments swept over an update: it boots, whole, and the update comes to its end',
	{ needs: ['board', 'update', 'power', 'settings'] },
	async (context) => {
		const { openBoard, expect, evidence, step, random } = context;
		const board = await openBoard();
		const { updateMs, bootMs, installMs, confirmMs, answerMs } = board.timings;
		const restMs = bootMs + 2 * installMs + 4 * confirmMs;
		const [path] = board.updatePaths as [(typeof board.updatePaths)[number]];
		const clock = new RealClock();
		await board.writeSetting({ name: 'kept', value: 'over-cuts' }, { withinMs: answerMs });
		const candidate = board.releases.candidate();
		const profile = await profileUpdate(board, { release: candidate, path, clock });
		evidence('phases', profile.phases.map(({ name, lastsMs }) => `${name} ${Math.round(lastsMs)} ms`).join(', '));
		let release = board.releases.golden();
		for (const place of planCuts(profile, { cuts: CUTS, seed: String(random('cuts').integer(1_000_000)) })) {
			const cut = await cutUpdate(board, { release, path, clock, place, profile });
			step(`cut ${cut.commanded.phase} + ${cut.commanded.offsetMs} ms`);
			await context.sleep(Math.max(1, board.timings.offMs));
			await board.power.on();
			const after = await board.settle({ withinMs: restMs });
			board.noteFault('fired', { fault: 'power-cut', form: cut.commanded.phase });
			await board.readSettings({ withinMs: answerMs });
			if (after.digest !== digestFor(board, release)) {
				await board.update(release, { path, withinMs: updateMs });
				await board.restart();
				const running = await board.settle({ withinMs: restMs });
				expect(running.digest === digestFor(board, release), `the update was to succeed once the power stayed, ${running.version} runs`);
			}
			release = release === candidate ? board.releases.golden() : candidate;
		}
	},
);

scenario(
	'reset storms: the board boots however often and however early it is reset',
	{ needs: ['board', 'reset', 'update'] },
	async ({ openBoard, random, sleep, evidence, expect }) => {
		const board = await openBoard();
		const before = await board.running({ withinMs: board.timings.bootMs });
		const chance = random('resets');
		const resets = 25;
		for (let reset = 0; reset < resets; reset++) {
			await board.reset?.();
			await sleep(1 + chance.integer(reset % 3 === 0 ? 200 : 30));
		}
		const after = await board.settle({ withinMs: board.timings.bootMs + board.timings.installMs });
		evidence('resets', resets);
		expect(after.digest === before.digest, `the board was to run ${before.version} as before, it runs ${after.version}`);
		expect(after.bootNonce !== before.bootNonce || after.bootNonce === '', 'the board was to boot anew');
	},
);

scenario(
	'a reset storm in the middle of an installation: it comes to its end',
	{ needs: ['board', 'reset', 'update'] },
	async ({ openBoard, random, sleep, evidence, expect }) => {
		const board = await openBoard();
		const { updateMs, bootMs, installMs, confirmMs } = board.timings;
		const candidate = board.releases.candidate();
		const chance = random('resets');
		await board.update(candidate, { withinMs: updateMs });
		await board.restart();
		const resets = 12;
		for (let reset = 0; reset < resets; reset++) {
			await sleep(40 + chance.integer(260));
			await board.reset?.();
		}
		const running = await board.settle({ withinMs: bootMs + 2 * installMs + 4 * confirmMs });
		evidence('resets', resets);
		evidence('runs', running.version);
		// A trial that was reset too often is given up, which is as good an end.
		const golden = board.releases.golden();
		expect(
			[candidate, golden].some((release) => running.digest === digestFor(board, release)),
			`the board was to end with ${candidate.version} or ${golden.version}, it runs ${running.version}`,
		);
	},
);

scenario(
	'the console falls silent when the power is off: nothing feeds the board by another way',
	{ needs: ['board', 'power', 'power-sense'] },
	async ({ openBoard, sleep, expect, evidence }) => {
		const board = await openBoard();
		await board.power.off();
		await sleep(board.timings.offMs + 50);
		const silent = board.console.mark();
		await board.console.send('\r\r\r');
		await sleep(Math.max(300, board.timings.quietMs));
		const said = board.console.textSince(silent);
		const seen = await board.power.observe();
		evidence('bytes after power-off', Buffer.byteLength(said));
		expect(
			said === '',
			`the console was to be silent without power, it said ${JSON.stringify(said.slice(0, 80))}: it may be fed over its console (backfeed: [console])`,
		);
		expect(seen === 'unpowered', `the rail was to be seen unpowered, it is ${seen}`);
		await board.power.on();
		await board.settle({ withinMs: board.timings.bootMs + board.timings.installMs });
	},
);
