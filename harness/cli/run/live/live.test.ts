import { appendFileSync, mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inflateRawSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { closeBrowser, testInBrowser } from '../../../../reports/html/browser.test.support.js';
import { createSampleFleet } from '../../../../reports/html/sample-fleet.js';
import { encodeEvent } from '../../../events/index.js';
import { makeFolder } from '../../blackstart.test.support.js';
import { LiveRun, openLiveServer } from './index.js';

test.after.always(closeBrowser);

const FLEET = createSampleFleet({ scenario: 'fleet', title: 'goes out', devices: 20 });
const [[REGISTERED]] = FLEET as [(typeof FLEET)[number]];

const openRun = (t: ExecutionContext) => {
	const folder = makeFolder(t, {});
	mkdirSync(join(folder, 'partial'));
	let changes = 0;
	const run = new LiveRun({ folder, onChange: () => changes++ });
	run.observe({ kind: 'run-started', id: 'one', startedAt: '2026-01-01T00:00:00.000Z', seed: '1', options: {}, versions: {}, scenarios: ['fleet'] });
	run.observe(REGISTERED, 'fleet');
	const append = (from: number, to: number): void =>
		appendFileSync(
			join(folder, 'partial', 'fleet.jsonl'),
			FLEET.slice(from, to)
				.map(([event]) => encodeEvent(event))
				.join(''),
		);
	return { run, append, changes: () => changes };
};

const read = (data: string) =>
	JSON.parse(inflateRawSync(Buffer.from(data, 'base64')).toString()) as {
		readonly run: { readonly verdict: string };
		readonly cases: readonly { readonly verdict: string; readonly finished: boolean; readonly worlds: readonly { readonly devices: number }[] }[];
	};

test('what scenarios write is taken from their logs as far as they go, and for the last time when the run ends', (t) => {
	const { run, append, changes } = openRun(t);
	t.is(read(run.encodeData()).cases.length, 1);
	append(0, 60);
	t.like(read(run.encodeData()).cases[0], { finished: false });
	append(60, FLEET.length);
	run.observe({ kind: 'run-progress', scenario: 'fleet', title: 'goes out', atMs: 5_000, states: { idle: 20 }, faultsFired: 1 });
	t.is(run.progress, 'fleet, goes out: 5 s of virtual time, 20 idle');
	run.observe({ kind: 'run-ended', verdict: 'passed', wallMs: 1, exitCode: 0 });
	const end = read(run.encodeData());
	t.is(end.run.verdict, 'passed');
	t.like(end.cases[0], { verdict: 'passed', finished: true });
	t.is(end.cases[0]?.worlds[0]?.devices, 20);
	t.is(changes(), 4);
});

const get = (url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<{ readonly status: number; readonly body: string }> =>
	new Promise((resolve, reject) => {
		request(url, { headers, method }, (response) => void text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject))
			.on('error', reject)
			.end();
	});

test('only who has the token and asks this machine by its own name sees the run', async (t) => {
	const { run } = openRun(t);
	await using server = await openLiveServer(run);
	const url = new URL(server.url);
	t.is(url.hostname, '127.0.0.1');
	const page = await get(server.url);
	t.is(page.status, 200);
	t.true(page.body.includes('<html lang="en" data-live>'));
	t.is((await get(server.url.replace('/?', '/data?'))).status, 200);
	t.is((await get(server.url.replace('/?', '/other?'))).status, 404);
	for (const wrong of [url.origin, `${url.origin}/data`, `${url.origin}/?token=`, `${server.url}x`, `${url.origin}/events?token=${'A'.repeat(32)}`])
		t.is((await get(wrong)).status, 403, wrong);
	t.is((await get(server.url, { Host: 'evil.example' })).status, 403);
	t.is((await get(server.url, {}, 'POST')).status, 403);
});

test('viewers are told when the run has ended, with all there is, and the server goes', async (t) => {
	const { run, append } = openRun(t);
	const server = await openLiveServer(run);
	const events = get(server.url.replace('/?', '/events?'));
	await get(server.url);
	append(0, FLEET.length);
	run.observe({ kind: 'run-ended', verdict: 'passed', wallMs: 1, exitCode: 0 });
	await server[Symbol.asyncDispose]();
	const { body } = await events;
	const [, data = ''] = /event: ended\ndata: (.*)\n/.exec(body) ?? [];
	t.is(read(data).run.verdict, 'passed');
	await t.throwsAsync(get(server.url));
});

testInBrowser('the page follows the run to its end', async (t, open) => {
	const { run, append } = openRun(t);
	const server = await openLiveServer(run);
	const { page, complaints } = await open(server.url);
	t.is(await page.$eval('h1', (element) => element.textContent), 'unfinished');
	append(0, FLEET.length);
	run.observe({ kind: 'run-ended', verdict: 'passed', wallMs: 1, exitCode: 0 });
	await page.waitForFunction("document.querySelector('.live') !== null");
	await server[Symbol.asyncDispose]();
	await page.waitForFunction("document.querySelector('h1').textContent === 'passed'", { timeout: 10_000 });
	t.is(await page.$eval('.live', (element) => element.textContent), 'the run has ended');
	t.deepEqual(complaints, []);
});
