import { acquireLease } from '../leases/index.js';
import { openGuardian } from './index.js';

/** A runner of a rig that leases a board, powers it and pulls a line, says `ready`, and then waits for what is done to it. */
const [socketPath = '', logFile = '', runtime = ''] = process.argv.slice(2);
const environment = { XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: runtime };
const lease = await acquireLease({ rig: 'bench', board: 'virtual-1' }, { purpose: 'a test', waitMs: 0, environment });
const guardian = await openGuardian({ logFile });
lease.addKeeper(guardian.pid as number);
const gpio = await guardian.openGpio({ way: 'line-socket', socketPath });
const reset = await gpio.openLine({
	chip: 'virtual',
	line: 'RESET',
	activeLow: true,
	direction: { output: false },
	drive: 'open-drain',
	consumer: 'test',
});
const power = await guardian.openPower(
	{
		driver: 'virtual',
		name: 'virtual-1',
		gpio: { way: 'line-socket', socketPath },
		line: { chip: 'virtual', line: 'POWER', activeLow: false },
		offTimeMs: 0,
		settleMs: 0,
		withinMs: 1000,
	},
	{ safe: 'unpowered' },
);
await power.on();
await reset.set(true);
process.send?.({ ready: guardian.pid });
process.on('message', (order) => {
	if (order === 'throw') throw new Error('a bug of the runner');
	if (order === 'busy') for (;;) if (process.hrtime.bigint() < 0n) break;
});
setInterval(() => undefined, 1000);
