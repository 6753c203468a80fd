import { RealClock } from '../../../../harness/time/index.js';
import { assertTruth, runPeerCases } from '../../peer/index.js';
import { withBench } from './bench.js';
import { MENDER_CASES } from './cases.js';

const AS_SHIPPED = '--as-shipped';
const words = process.argv.slice(2);
const clock = new RealClock();
await runPeerCases('mender', {
	cases: MENDER_CASES,
	word: words.find((word) => word !== AS_SHIPPED),
	atOnce: 4,
	run: ({ untruth, makesItsKey, run }, folder) =>
		withBench({ folder, clock, asShipped: words.includes(AS_SHIPPED), makesItsKey }, async (bench) => {
			await run(bench);
			assertTruth(await bench.untruths(), untruth);
		}),
});
