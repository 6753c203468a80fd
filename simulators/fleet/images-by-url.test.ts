import test from 'ava';
import { encodeEvent } from '../../harness/events/index.js';
import { describeDifference, HOUR_MS, withFleet } from './fleet.test.support.js';

const LINK = { latencyMs: 50, jitterMs: 20, bandwidthBytesPerS: 20_000, lossRatio: 0.05 };

/** Three devices whose server cuts every answer, whose links lose packets, one of them without power for a while. */
const play = (seed: string) =>
	withFleet({ seed, devices: 3, link: LINK, imagesBy: 'url' }, async ({ fleet, events, of }) => {
		fleet.armService({ kind: 'artifacts-wrong', afterMs: 0, forMs: 300_000, what: 'cut' });
		const [first] = fleet.devices;
		if (first) fleet.arm(first, { kind: 'power-cut', moment: { at: 'time', afterMs: 9_000 }, offMs: 20_000 });
		await fleet.sleep(10);
		await fleet.deploy(fleet.releases.candidate({ sizeBytes: 40_000 }));
		await fleet.settle({ withinMs: HOUR_MS });
		const downloads = of('device-downloaded').map(({ blocks, received, resumes, window }) => ({ blocks, received, resumes, window }));
		const outcomes = fleet.devices.map(({ outcome }) => outcome);
		await fleet.finish();
		return { lines: events.map(encodeEvent), downloads, outcomes, violations: of('invariant-judged').flatMap((judged) => judged.violations) };
	});

test.serial(
	'images by URL go on at their block over cuts and lost power, at the cost of what was missing, and the same seed writes the same events',
	async (t) => {
		const one = await play('url');
		t.deepEqual(one.outcomes, Array(3).fill('updated'));
		t.deepEqual(one.violations, []);
		t.is(one.downloads.length, 3);
		for (const { blocks, received, resumes, window } of one.downloads) {
			t.true(resumes >= 2, 'it was cut more than once');
			t.true(received >= blocks && received <= blocks + window, `${received} of ${blocks} blocks with ${resumes} resumes`);
		}
		const again = await play('url');
		t.is(describeDifference(one.lines, again.lines), undefined);
		const other = await play('other');
		t.not(describeDifference(one.lines, other.lines), undefined);
	},
);

test.serial('a fleet whose images come over the broker has no server of images to be wrong', async (t) => {
	await withFleet({ devices: 1 }, async ({ fleet }) => {
		t.throws(() => fleet.armService({ kind: 'artifacts-wrong', afterMs: 0, forMs: 1, what: 'cut' }), { instanceOf: RangeError, message: /images by URL/ });
	});
});

test.serial(
	'over real TLS, through the fault proxy, a device fetches from the run’s own server alone: shown another certificate it takes nothing, until the right one is back',
	async (t) => {
		const rung = { speed: 100, transport: 'tls' } as const;
		await withFleet({ devices: 1, imagesBy: 'url', run: { rung } }, async ({ fleet, of }) => {
			fleet.armService({ kind: 'artifacts-wrong', afterMs: 0, forMs: 40_000, what: 'certificate-of-a-stranger' });
			await fleet.sleep(100);
			await fleet.deploy(fleet.releases.candidate());
			await fleet.settle({ withinMs: HOUR_MS });
			t.deepEqual(
				fleet.devices.map(({ outcome }) => outcome),
				['updated'],
			);
			t.is(fleet.faultsFired('artifacts-wrong'), 1);
			t.true(
				of('device-downloaded').every(({ resumes }) => resumes > 0),
				'it was turned away before',
			);
		});
	},
);
