import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { runFaultyFleet } from './fleet.test.support.js';

/** Runs the fleet its argument describes, leaves the event log in a file, and prints how many faults fired and the log's SHA-256. */
const main = async (): Promise<void> => {
	const order = JSON.parse(process.argv[2] ?? '{}') as { readonly seed: string; readonly devices: number; readonly imageBytes: number; readonly path: string };
	const text = (await runFaultyFleet(order)).join('');
	writeFileSync(order.path, text);
	const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
	const facts = {
		sha256: createHash('sha256').update(text).digest('hex'),
		finals: count(/"kind":"device-final"/g),
		cuts: count(/"kind":"fault-fired".*"power-cut"/g),
		losses: count(/"kind":"fault-fired".*"packet-loss"/g),
	};
	process.stdout.write(`${JSON.stringify(facts)}\n`);
};

await main();
