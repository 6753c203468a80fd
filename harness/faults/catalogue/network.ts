import type { FaultRow } from './row.js';

/** Network and broker. */
export const NETWORK_ROWS: readonly FaultRow[] = [
	{
		id: 'N1',
		fault: 'chunks lost, doubled, out of order, late, at the wrong place or short',
		sightings: [{ seen: 'packet-loss' }, { seen: 'answers-wrong', form: /^(flipped-bit|short-block|strange-block)$/ }, { seen: 'answers-slow' }],
		proofs: [{ test: 'harness/protocols/aws-iot/block-download.test.ts', title: 'with blocks lost, doubled and shuffled it ends whole' }],
	},
	{
		id: 'N2',
		fault: 'the link drops at any chunk, goes silent, stalls; the broker restarts and forgets',
		sightings: [
			{ seen: 'link-reset' },
			{ seen: 'link-half-open' },
			{ seen: 'stalled-reader' },
			{ seen: 'artifacts-wrong', form: /^cut$/, phases: ['downloading'] },
			{ seen: 'broker-restart', form: /^sessions lost$/, phases: ['downloading'] },
		],
	},
	{
		id: 'N3',
		fault: 'the package is swapped on the server in the middle of a download',
		sightings: [{ seen: 'file-swapped' }],
		proofs: [{ exhibit: 'package-swapped-on-the-server' }],
	},
	{
		id: 'N4',
		fault: 'the server answers with a web page, the wrong length, without end, or very slowly',
		sightings: [
			{ seen: 'answers-wrong', form: /^(html-page|short-block|strange-block)$/ },
			{ seen: 'answers-endless' },
			{ seen: 'answers-slow' },
			{
				seen: 'artifacts-wrong',
				form: /^(html-page|promises-more|promises-less|endless|slow|redirect-loop|no-range|other-range|unavailable)$/,
				phases: ['downloading'],
			},
			{ seen: 'image-defect', form: /^(html-page|truncated)$/ },
		],
		proofs: [{ test: 'simulators/cloud/artifacts/download-artifact.test.ts', title: 'a redirect from https to http is refused, to another https followed' }],
	},
	{ id: 'N5', fault: 'a malformed request ends the session, and the client makes it again for ever', proofs: [{ exhibit: 'reconnects-over-a-report' }] },
	{
		id: 'N6',
		fault: 'a retained command is delivered at every connect',
		sightings: [{ seen: 'job-retained' }],
		proofs: [{ test: 'simulators/device/agent.test.ts', title: 'what is retained on its topics has no effect' }],
	},
	{
		id: 'N7',
		fault: 'two clients with one client id take each other over',
		sightings: [{ seen: 'cloned-identity' }],
		proofs: [{ exhibit: 'begins-anew-with-every-answer' }],
	},
	{
		id: 'N8',
		fault: 'a persistent session brings the new firmware commands that were queued for the old',
		proofs: [
			{ scenario: 'identity', title: 'notices that the broker kept for a region that was away, of a release that was halted meanwhile, have no effect' },
			{ exhibit: 'installs-what-a-notice-brings' },
		],
	},
	{
		id: 'N9',
		fault: 'a whole fleet loses its broker and returns at once; aligned timers',
		sightings: [{ seen: 'broker-restart' }, { seen: 'region-outage' }, { seen: 'region-power-cut' }],
		proofs: [{ exhibit: 'dials-on-the-minute' }, { exhibit: 'reports-on-the-full-hour' }],
	},
	{
		id: 'N10',
		fault: "the will of a dead session arrives after the new session's word",
		sightings: [{ seen: 'late-wills' }],
		proofs: [{ exhibit: 'presence-by-the-last-word' }],
	},
	{
		id: 'N11',
		fault: 'name lookup fails, IPv6 only, a captive portal, a black hole for large packets',
		whyNot:
			'links are simulated above TCP, where all of these are a connection that never comes or goes silent: a trial that cannot connect (T4) and a half-open link (N2).',
	},
	{
		id: 'N12',
		fault: 'a message over the size limit; a chunk at QoS 0 dropped under load',
		proofs: [
			{ exhibit: 'last-block-is-lost' },
			{ test: 'harness/protocols/aws-iot/stream-files.test.ts', title: 'one request is answered with at most 128 KiB' },
		],
	},
];
