import { openGuardian } from './index.js';

/** A runner of a rig that powers a board and pulls a line, says `ready`, and then waits for what is done to it. */
const [socketPath = '', logFile = '', ...leases] = process.argv.slice(2);
const guardian = await openGuardian({ logFile });
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
for (const file of leases) await guardian.keepLease({ file, content: 'mine' });
await power.on();
await reset.set(true);
process.send?.({ ready: guardian.pid });
process.on('message', (order) => {
	if (order === 'throw') throw new Error('a bug of the runner');
	if (order === 'busy') for (;;) if (process.hrtime.bigint() < 0n) break;
});
setInterval(() => undefined, 1000);
