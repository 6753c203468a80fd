import { RealClock } from '../../../../harness/time/index.js';
import { runPeerCases } from '../../peer/index.js';
import { withBench } from './bench.js';
import { checkTruth, SWUPDATE_CASES } from './cases.js';
import { makeSigner } from './make-swu.js';

const clock = new RealClock();
await runPeerCases('swupdate', {
	cases: SWUPDATE_CASES,
	word: process.argv[2],
	atOnce: 4,
	run: async ({ wrongSha1 = false, untruth, run }, folder) => {
		await makeSigner(folder);
		await withBench({ folder, clock, wrongSha1 }, async (bench) => {
			await run(bench);
			await checkTruth(bench, { ...(untruth && { untruth }) });
		});
	},
});
