import { Checks } from './checks.js';
import { checkGpio, SimulatedLines } from './gpio-checks.js';
import { checkGuardian } from './guardian-checks.js';
import { checkSerial } from './serial-checks.js';

/** The rig's drivers against a real kernel: `guest.js FOLDER` with the folder of gpio-sim's lines, run in the guest as root. */
const checks = new Checks();
const lines = new SimulatedLines(process.argv[2] ?? '');
await checkGpio(checks, lines);
await checkSerial(checks);
await checkGuardian(checks, lines);
checks.end();
process.exit(checks.failed === 0 ? 0 : 1);
