import { openGuardian } from '../guardian/index.js';

/** The runner that is killed in the guest: a board powered, its reset line pulled. */
const way = process.argv[2] === 'libgpiod' ? 'libgpiod' : 'onoff';
const guardian = await openGuardian({});
const gpio = await guardian.openGpio({ way });
const line = { chip: 'rig', line: 'relay', activeLow: false };
const power = await guardian.openPower(
	{ driver: 'gpio-relay', name: 'board', gpio: { way }, line, offTimeMs: 0, settleMs: 0, withinMs: 5000 },
	{ safe: 'unpowered' },
);
const reset = await gpio.openLine({ chip: 'rig', line: 'reset', activeLow: true, direction: { output: false }, drive: 'push-pull', consumer: 'blackstart' });
await power.on();
await reset.set(true);
process.send?.({ guardian: guardian.pid });
setInterval(() => undefined, 1000);
