import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealClock } from '../../../../harness/time/index.js';
import { withBench } from './bench.js';
import { checkTruth, SWUPDATE_CASES } from './cases.js';
import { makeSigner } from './make-swu.js';

const LOG_LINES = 15;

/** Runs every case, or those whose title has the word given; ends with `N passed, N failed`. */
const [word = ''] = process.argv.slice(2);
const clock = new RealClock();
let passed = 0;
let failed = 0;
for (const { title, wrongSha1 = false, untruth, run } of SWUPDATE_CASES.filter((each) => each.title.includes(word))) {
	const folder = await mkdtemp(join(tmpdir(), 'blackstart-swupdate-'));
	try {
		await makeSigner(folder);
		await withBench({ folder, clock, wrongSha1 }, async (bench) => {
			await run(bench);
			await checkTruth(bench, { ...(untruth && { untruth }) });
		});
		passed++;
		console.log(`ok      ${title}`);
	} catch (error) {
		failed++;
		console.log(`FAILED  ${title}\n        ${error instanceof Error ? error.message : String(error)}`);
		const log = await readFile(join(folder, 'swupdate.log'), 'utf8').catch(() => 'swupdate said nothing');
		console.log(
			log
				.trimEnd()
				.split('\n')
				.slice(-LOG_LINES)
				.map((line) => `        | ${line}`)
				.join('\n'),
		);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
