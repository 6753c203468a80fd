import { digestFor, scenario } from '../harness/index.js';

scenario(
	'settings are dumped before a manual update, kept over it, and restored where it lost them',
	{ needs: ['board', 'update', 'settings'] },
	async ({ openBoard, step, expect, evidence }) => {
		const board = await openBoard();
		const { answerMs, updateMs, bootMs, installMs, confirmMs } = board.timings;
		await board.writeSetting({ name: 'site', value: 'north-7' }, { withinMs: answerMs });
		await board.writeSetting({ name: 'added', value: 'by-hand' }, { withinMs: answerMs });
		const dumped = await board.readSettings({ withinMs: answerMs });
		evidence('settings dumped', Object.keys(dumped).length);
		expect(dumped['site'] === 'north-7' && dumped['added'] === 'by-hand', `what was written was to be read back, got ${JSON.stringify(dumped)}`);
		await board.update(board.releases.candidate(), { withinMs: updateMs });
		await board.restart();
		await board.settle({ withinMs: bootMs + installMs + confirmMs });
		const after = await board.readSettings({ withinMs: answerMs });
		expect(
			JSON.stringify(sorted(after)) === JSON.stringify(sorted(dumped)),
			`all settings were to be kept, ${JSON.stringify(dumped)} became ${JSON.stringify(after)}`,
		);
		step('the board goes back to the settings of its factory, and gets those that were dumped');
		await board.restore({ withinMs: 2 * (bootMs + installMs + confirmMs) + updateMs });
		const fresh = await board.readSettings({ withinMs: answerMs });
		expect(fresh['added'] === undefined, `a restored board was to have the settings of its factory, got ${JSON.stringify(fresh)}`);
		for (const [name, value] of Object.entries(dumped)) await board.writeSetting({ name, value }, { withinMs: answerMs });
		const restored = await board.readSettings({ withinMs: answerMs });
		expect(
			JSON.stringify(sorted(restored)) === JSON.stringify(sorted(dumped)),
			`the settings that were dumped were to be there again, got ${JSON.stringify(restored)}`,
		);
	},
);

for (const { by, needs } of [
	{ by: 'flasher', needs: ['flasher'] },
	{ by: 'serial', needs: ['flasher', 'recovery'] },
] as const) {
	scenario(`a bricked board is brought back with the golden image: by ${by}`, { needs: ['board', 'update', ...needs] }, async ({ openBoard, step, expect }) => {
		const board = await openBoard();
		const { updateMs, bootMs, installMs, confirmMs } = board.timings;
		step('its running slot is written over with bytes that are no image');
		await board.flasher?.flash(new Uint8Array(4096).fill(0x5a), { area: 'primary', withinMs: updateMs });
		await board.power.cycle();
		const bricked = await board.running({ withinMs: bootMs }).then(
			() => false,
			(error: unknown) => {
				if (error instanceof Error && Reflect.get(error, 'code') === 'no-boot') return true;
				throw error;
			},
		);
		expect(bricked, 'a board without an image was to run nothing');
		await board.restore({ by, withinMs: 2 * (bootMs + installMs + confirmMs) + updateMs });
		const running = await board.running({ withinMs: bootMs });
		expect(running.digest === digestFor(board, board.releases.golden()), `the golden image was to run, ${running.version} does`);
		expect(running.confirmed, 'the golden image was to be confirmed');
	});
}

scenario('firmware that crashes restarts and runs on as it was', { needs: ['board', 'update', 'crash'] }, async ({ openBoard, expect }) => {
	const board = await openBoard();
	const before = await board.running({ withinMs: board.timings.bootMs });
	await board.crash?.();
	const after = await board.settle({ withinMs: board.timings.bootMs + board.timings.installMs });
	expect(after.digest === before.digest && after.confirmed, `${before.version} was to run on, ${after.version} does`);
	expect(after.bootNonce !== before.bootNonce || after.bootNonce === '', 'the board was to restart');
});

const sorted = (settings: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
	Object.entries(settings).sort(([one], [other]) => (one < other ? -1 : 1));
