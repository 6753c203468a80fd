import { type BoardPort, digestFor, type Release, type RunningFirmware, type ScenarioContext, scenario } from '../harness/index.js';

/** Brings a release, restarts the board and waits for the end of its trial. */
const updateTo = async ({ step }: ScenarioContext, board: BoardPort, release: Release): Promise<RunningFirmware> => {
	const { updateMs, bootMs, installMs, confirmMs } = board.timings;
	step(`${release.name} ${release.version} is brought to ${board.name}`);
	await board.update(release, { withinMs: updateMs });
	await board.restart();
	return board.settle({ withinMs: bootMs + 2 * installMs + 4 * confirmMs });
};

/** One that restarts by itself just then does not answer, and need not be told. */
const restartAnyhow = (board: BoardPort): Promise<void> =>
	board.restart().catch((error: unknown) => {
		if (!['refused', 'echo', 'timeout'].includes(String(Reflect.get(Object(error), 'code')))) throw error;
	});

/** More than any bootloader gives a trial. */
const MOST_TRIAL_BOOTS = 8;

scenario('a healthy release is installed, tried and confirmed', { needs: ['board', 'update'] }, async (context) => {
	const board = await context.openBoard();
	const candidate = board.releases.candidate();
	const running = await updateTo(context, board, candidate);
	context.evidence('runs', running.version);
	context.expect(running.digest === digestFor(board, candidate), `the board was to run ${candidate.version}, it runs ${running.version}`);
	context.expect(running.confirmed, `${candidate.version} was to be confirmed`);
});

scenario('a bad image is tried and given up: what ran before runs again', { needs: ['board', 'update', 'bad-image'] }, async (context) => {
	const board = await context.openBoard();
	const from = board.console.mark();
	const running = await updateTo(context, board, board.releases.bad());
	const golden = board.releases.golden();
	context.expect(running.digest === digestFor(board, golden), `the board was to run ${golden.version} again, it runs ${running.version}`);
	if (board.syntax.reverted) context.expect(board.syntax.reverted.test(board.console.textSince(from)), 'the board was to say that it gave the trial up');
});

for (const { how, what } of [
	{ how: 'hangs', what: 'hangs as it starts' },
	{ how: 'silent', what: 'runs and never confirms itself' },
	{ how: 'unwell', what: 'fails its self-test' },
] as const) {
	scenario(`an image that ${what} is never confirmed, and is gone after a few restarts`, { needs: ['board', 'update', `bad-${how}`] }, async (context) => {
		const board = await context.openBoard();
		const { updateMs, bootMs, installMs, confirmMs, quietMs } = board.timings;
		const golden = board.releases.golden();
		await board.update(board.releases.bad(how), { withinMs: updateMs });
		await board.restart();
		let running = await board.running({ withinMs: bootMs + 2 * installMs + 4 * confirmMs });
		let restarts = 0;
		while (running.digest !== digestFor(board, golden) && restarts < MOST_TRIAL_BOOTS) {
			context.expect(!running.confirmed, `${running.version} was never to be confirmed`);
			await context.sleep(quietMs);
			await restartAnyhow(board);
			restarts++;
			running = await board.running({ withinMs: bootMs + 2 * installMs });
		}
		context.evidence('restarts until it was gone', restarts);
		const after = await board.settle({ withinMs: bootMs + 2 * installMs });
		context.expect(after.digest === digestFor(board, golden) && after.confirmed, `the board was to run ${golden.version} again, it runs ${after.version}`);
	});
}

for (const { defect, what } of [
	{ defect: 'payload-bit', what: 'with one bit of its payload turned over' },
	{ defect: 'wrong-key', what: 'signed by a stranger' },
] as const) {
	scenario(`an image ${what} is refused and never runs`, { needs: ['board', 'update', 'refused-images'] }, async (context) => {
		const board = await context.openBoard();
		const from = board.console.mark();
		const running = await updateTo(context, board, board.releases.forbidden(defect));
		const golden = board.releases.golden();
		context.expect(running.digest === digestFor(board, golden), `the board was to go on with ${golden.version}, it runs ${running.version}`);
		if (board.syntax.refused) context.expect(board.syntax.refused.test(board.console.textSince(from)), 'the board was to say that it refused the image');
	});
}

scenario(
	'an update over serial goes on undisturbed while another board of the rig is power-cycled',
	{ needs: ['board', 'update', 'power', 'other-board'] },
	async (context) => {
		const board = await context.openBoard();
		const other = await context.openBoard({ other: true });
		let over = false;
		let cycles = 0;
		const updating = updateTo(context, board, board.releases.candidate()).finally(() => {
			over = true;
		});
		updating.catch(() => {});
		while (!over) {
			await other.power.cycle();
			cycles++;
			await context.sleep(150);
		}
		const running = await updating;
		await other.running({ withinMs: other.timings.bootMs });
		context.evidence('power cycles of the other board', cycles);
		context.expect(running.digest === digestFor(board, board.releases.candidate()), `the board was to run the candidate, it runs ${running.version}`);
		context.expect(cycles >= 3, `the other board was to be cycled again and again, it was ${cycles} times`);
	},
);
