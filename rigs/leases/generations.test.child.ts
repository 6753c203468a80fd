import { Generations } from './generations.js';

/** From an instant on, succeeds whatever is highest as often as it can; prints the numbers it was told are its own. */
const [, , folder = '', startEpochMs = '0', attempts = '0'] = process.argv;
const generations = new Generations(folder, 'x');
const won: number[] = [];
while (Date.now() < Number(startEpochMs));
for (let attempt = 0; attempt < Number(attempts); attempt++) {
	const mine = generations.succeed(generations.highest(), `${process.pid}`);
	if (mine !== undefined) won.push(mine.number);
}
process.stdout.write(JSON.stringify(won));
