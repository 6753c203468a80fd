import { createFindings } from './findings.js';
import { createInvariant, type Invariant } from './invariant.js';

/**
 * A resumed download costs the missing blocks, not the image: what was asked for when the cut came may arrive twice, which is
 * one window per resume, and one more for a block sent again by the broker. Checks are downloads that were resumed.
 */
export const createThrifty = (): Invariant => {
	const findings = createFindings('thrifty');
	return createInvariant(findings, {
		handlers: {
			'device-downloaded': (event) => {
				const { job, blocks, received, resumes, window } = event;
				if (resumes > 0) findings.check();
				const most = blocks + (resumes + 1) * window;
				if (received > most)
					findings.violate(event, `job ${job}: ${received} blocks arrived for an image of ${blocks}; at most ${most} were expected with ${resumes} resumes`);
			},
		},
	});
};
