import { cutUpdate, digestFor, RealClock, scenario } from '../harness/index.js';

scenario(
	'a healthy update goes on over a power cut in the middle of its installation',
	{ needs: ['board', 'update', 'power'] },
	async ({ openBoard, step, expect, evidence, sleep }) => {
		const board = await openBoard();
		const { bootMs, installMs, confirmMs, offMs } = board.timings;
		const [path] = board.updatePaths as [(typeof board.updatePaths)[number]];
		const release = board.releases.candidate();
		const phases = ['transfer', 'restart', 'boot', ...Object.keys(board.syntax.marks), 'ready', 'confirmed'];
		const phase = phases.find((name) => name === 'install') ?? 'boot';
		const profile = { phases: phases.map((name) => ({ name, fromMs: 0, lastsMs: 0 })), durationMs: 0 };
		const cut = await cutUpdate(board, { release, path, clock: new RealClock(), place: { phase, offsetMs: 300 }, profile });
		step(
			`power cut: ${cut.commanded.phase} + ${cut.commanded.offsetMs} ms${cut.observedAtMs === undefined ? '' : `, seen ${(cut.observedAtMs - cut.commandedAtMs).toFixed(1)} ms later`}`,
		);
		await sleep(Math.max(1, offMs));
		await board.power.on();
		const running = await board.settle({ withinMs: bootMs + installMs + 2 * confirmMs });
		board.noteFault('fired', { fault: 'power-cut', form: cut.commanded.phase });
		evidence('runs', running.version);
		expect(running.digest === digestFor(board, release), `the board was to go on and end with ${release.version}, it runs ${running.version}`);
		expect(running.confirmed, `${release.version} was to be confirmed`);
	},
);
