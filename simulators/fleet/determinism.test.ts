import test from 'ava';
import { describeDifference, runFaultyFleet } from './fleet.test.support.js';

test.serial('two worlds of one process, one after the other, write the same event log for a seed and another for another', async (t) => {
	const order = { seed: 'proof', devices: 150, imageBytes: 4_096 };
	const first = await runFaultyFleet(order);
	const second = await runFaultyFleet(order);
	const difference = describeDifference(first, second);
	t.is(difference, undefined, difference);
	t.true(first.some((line) => line.includes('"kind":"fault-fired"') && line.includes('power-cut')));
	const other = await runFaultyFleet({ ...order, seed: 'another' });
	const withoutSeed = (lines: readonly string[]): readonly string[] => lines.filter((line) => !line.includes('"kind":"world-opened"'));
	t.not(describeDifference(withoutSeed(first), withoutSeed(other)), undefined);
});
