import { appendFileSync } from 'node:fs';
import { acquireLease } from './index.js';

/** `hold RUNTIME BOARD` holds it until it is killed; `turns RUNTIME BOARD LOG COUNT` takes and gives back, writing down when it has it. */
const [, , what, runtime = '', board = '', log = '', count = '1'] = process.argv;
const environment = { XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: runtime };

for (let turn = 0; turn < Number(count); turn++) {
	await using lease = await acquireLease({ rig: 'bench', board }, { purpose: `test ${what}`, waitMs: 60_000, environment });
	if (what === 'hold') {
		process.stdout.write('held\n');
		await new Promise(() => setInterval(() => lease.isHeld, 1_000));
	}
	appendFileSync(log, `${process.pid} has it\n`);
	await new Promise((resolve) => setTimeout(resolve, 2));
	appendFileSync(log, `${process.pid} gives it\n`);
}
