import { createFindings } from './findings.js';
import { createInvariant, type Invariant } from './invariant.js';
import { ReleaseBook, shortDigest } from './release-book.js';

/**
 * What runs is byte-equal to one released image: a mix of two, a half one or a rotten one has a digest that nobody released.
 * Whether the image may run on that hardware is for `authentic`. Checks are boots.
 */
export const createWhole = (): Invariant => {
	const findings = createFindings('whole');
	const releases = new ReleaseBook();
	/** By device, only where it is no release's. */
	const wrongDigests = new Map<string, string>();
	return createInvariant(findings, {
		handlers: {
			'release-published': (event) => releases.publish(event),
			'device-boot': (event) => {
				findings.check();
				if (releases.isReleased(event.digest)) return;
				wrongDigests.set(event.device, event.digest);
				findings.violate(event, `boots bytes of no release from slot ${event.slot}: digest ${shortDigest(event.digest)}, which calls itself ${event.version}`);
			},
			'device-audit': (event) => {
				const { running, device } = event;
				if (running === null || releases.isReleased(running) || wrongDigests.get(device) === running) return;
				findings.violate(event, `runs bytes of no release when the world closes: digest ${shortDigest(running)}`);
			},
		},
	});
};
