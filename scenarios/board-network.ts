import { type BoardNetwork, type BoardPort, digestFor, type ScenarioContext, scenario } from '../harness/index.js';

const NEEDS = ['board', 'update', 'own-network'] as const;
const LOOK_EVERY_MS = 20;

/** Offers the candidate and waits until so much of it was handed out; the update goes on. */
const downloadTo = async (
	{ sleep }: ScenarioContext,
	{ board, ratio }: { readonly board: BoardPort; readonly ratio: number },
): Promise<{ readonly network: BoardNetwork; readonly taken: Promise<void> }> => {
	const network = board.network as BoardNetwork;
	let over = false;
	const taken = board.update(board.releases.candidate(), { path: 'mqtt', withinMs: board.timings.updateMs }).finally(() => {
		over = true;
	});
	// Whoever waits for it hears of it.
	taken.catch(() => undefined);
	while (!over && network.deliveredRatio < ratio) await sleep(LOOK_EVERY_MS);
	return { network, taken };
};

/** Waits until the board has all of it, tries it, and is done. */
const endWith = async (
	{ expect, evidence }: ScenarioContext,
	{ board, taken }: { readonly board: BoardPort; readonly taken: Promise<void> },
): Promise<void> => {
	const { bootMs, installMs, confirmMs } = board.timings;
	const candidate = board.releases.candidate();
	await taken;
	await board.restart();
	const running = await board.settle({ withinMs: bootMs + 2 * installMs + 4 * confirmMs });
	evidence('handed out, in images', Math.round((board.network?.deliveredRatio ?? 0) * 100) / 100);
	expect(running.digest === digestFor(board, candidate), `the board was to run ${candidate.version}, it runs ${running.version}`);
};

scenario('power is cut in the middle of a download: it goes on by itself, with what is missing', { needs: [...NEEDS, 'power'] }, async (context) => {
	const { openBoard, sleep, step, expect, evidence } = context;
	const board = await openBoard();
	board.noteFault('armed', { fault: 'power-cut', detail: 'download' });
	const { network, taken } = await downloadTo(context, { board, ratio: 0.5 });
	const before = network.deliveredRatio;
	await board.power.off();
	step(`power cut with ${Math.round(before * 100)} % of the image handed out`);
	await sleep(Math.max(1, board.timings.offMs));
	await board.power.on();
	board.noteFault('fired', { fault: 'power-cut', form: 'download' });
	expect(before < 1, `the download was to be cut in its middle, ${Math.round(before * 100)} % was handed out`);
	await endWith(context, { board, taken });
	evidence('handed out anew', Math.round((network.deliveredRatio - 1) * 100) / 100);
	expect(network.deliveredRatio < before + 1, 'the download was to go on where it was, the image was handed out anew');
});

scenario('the service is gone in the middle of a download: the board comes back to it, and ends what it began', { needs: NEEDS }, async (context) => {
	const { openBoard, sleep, step, expect } = context;
	const board = await openBoard();
	board.noteFault('armed', { fault: 'service-down', detail: 'download' });
	const { network, taken } = await downloadTo(context, { board, ratio: 0.3 });
	await network.takeServiceAway();
	step(`the service is gone with ${Math.round(network.deliveredRatio * 100)} % of the image handed out`);
	await sleep(2_000);
	expect(!network.isConnected, 'no connection was to be left once nothing listened');
	await network.bringServiceBack();
	board.noteFault('fired', { fault: 'service-down', form: 'download' });
	await endWith(context, { board, taken });
});

scenario('a wrong address keeps a board from nothing but its updates', { needs: NEEDS }, async (context) => {
	const { openBoard, sleep, expect } = context;
	const board = await openBoard();
	const network = board.network as BoardNetwork;
	const { updateMs, bootMs } = board.timings;
	const before = await board.running({ withinMs: bootMs });
	board.noteFault('armed', { fault: 'wrong-address' });
	await network.misdirect({ withinMs: updateMs });
	const { connections } = network;
	await sleep(2_000);
	const lost = await board.running({ withinMs: bootMs });
	expect(network.connections === connections, 'the board was to go where nothing listens, and came to the service all the same');
	expect(lost.digest === before.digest && lost.confirmed, `${before.version} was to run on, ${lost.version} does`);
	board.noteFault('fired', { fault: 'wrong-address' });
	await network.connect({ withinMs: updateMs });
	await endWith(context, { board, taken: board.update(board.releases.candidate(), { path: 'mqtt', withinMs: updateMs }) });
});
