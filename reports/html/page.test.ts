import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { createSampleRun, type FedEvent } from '../record/sample-run.js';
import { closeBrowser, testInBrowser } from './browser.test.support.js';
import { HtmlReport } from './html-report.js';
import { createSampleFleet } from './sample-fleet.js';

test.after.always(closeBrowser);

const HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(1)>';

const write = (t: ExecutionContext, events: readonly FedEvent[]): string => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-page-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const report = new HtmlReport();
	for (const [event, scenario] of events) report.observe(event, scenario);
	const path = join(folder, 'report.html');
	report.write(path);
	return pathToFileURL(path).href;
};

const RUN = [
	...createSampleRun(
		{
			quick: [
				{ title: 'holds', verdict: 'passed' },
				{ title: HOSTILE, verdict: 'inconclusive', reason: HOSTILE, detail: HOSTILE, steps: [HOSTILE] },
			],
		},
		{ ended: 'failed' },
	),
	...createSampleFleet({ scenario: 'fleet', title: 'goes out', devices: 300, outcome: 'bricked', detail: HOSTILE }),
	...createSampleFleet({ scenario: 'cuts', title: 'are all survived', devices: 148 }),
];

testInBrowser('the page opens on its failures, complains of nothing and lets nothing a device says act', async (t, open) => {
	const { page, complaints } = await open(write(t, RUN));
	t.is(await page.$eval('h1', (element) => element.textContent), 'failed');
	const titles = await page.$$eval('details.case', (elements) =>
		elements.map((element) => `${element.getAttribute('data-case')} ${element.hasAttribute('open')}`),
	);
	t.deepEqual(titles, ['fleet: goes out true', `quick: ${HOSTILE} true`, 'quick: holds false', 'cuts: are all survived false']);
	await page.waitForSelector('.chart canvas');
	t.is((await page.$$('main img, main script')).length, 0);
	t.is(await page.$$eval('.copy code', ([first]) => first?.textContent ?? ''), "blackstart replay 'fleet/x:seed=1:devices=300'");
	t.deepEqual(complaints, []);
});

testInBrowser("a device's timeline opens from the table and from the map of power cuts", async (t, open) => {
	const { page, complaints } = await open(write(t, RUN));
	const first = await page.$('details.case[data-case="fleet: goes out"] details.devices');
	await first?.$eval('summary', (summary) => summary.click());
	t.regex((await first?.$eval('tbody tr', (row) => row.textContent)) ?? '', /^device-00001bricked/, 'devices in trouble come first');
	await first?.$eval('button.link', (button) => button.click());
	t.regex((await first?.$eval('.device', (section) => section.textContent)) ?? '', /device-00001: bricked[\s\S]*takes job-1/);
	await page.$eval('details.case[data-case="cuts: are all survived"] > summary', (summary) => summary.click());
	await page.waitForSelector('.cuts rect:not(.never)');
	t.is((await page.$$('details.case[data-case="cuts: are all survived"] .cuts rect:not(.never)')).length, 148);
	await page.evaluate(
		"document.querySelector('details.case[data-case^=cuts] .cuts rect:not(.never)').dispatchEvent(new MouseEvent('click', { bubbles: true }))",
	);
	t.true(await page.$eval('details.case[data-case="cuts: are all survived"] .device svg rect', (rect) => rect.getBoundingClientRect().height > 0));
	t.deepEqual(complaints, []);
});

/** The least of what WCAG 2.1 (1.4.3) asks for in small text, among what stands on a verdict's colour. */
const LEAST_CONTRAST = 4.5;
const READ_CONTRASTS = `[...document.querySelectorAll('.verdict, nav button, .badge')].map((element) => {
	const luminance = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
		.map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
		.reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
	const style = getComputedStyle(element);
	const [less, more] = [luminance(style.color), luminance(style.backgroundColor)].sort((one, other) => one - other);
	return (more + 0.05) / (less + 0.05);
})`;

testInBrowser('it is worked by keyboard, finds cases, hides verdicts, changes its theme and fits a phone', async (t, open) => {
	const { page, complaints } = await open(write(t, RUN));
	const shown = (): Promise<readonly string[]> =>
		page.$$eval('details.case:not([hidden])', (elements) => elements.map((element) => element.getAttribute('data-verdict') ?? ''));
	await page.keyboard.press('/');
	await page.keyboard.type('survived');
	t.deepEqual(await shown(), ['passed']);
	await page.keyboard.press('Escape');
	await page.keyboard.press('j');
	await page.keyboard.press('Enter');
	t.true(await page.$eval('details.case[data-case="cuts: are all survived"]', (element) => element.hasAttribute('open')));
	await page.$eval('#find', (field) => {
		(field as unknown as { value: string }).value = '';
		field.dispatchEvent(new Event('input'));
	});
	await page.$eval('nav button[data-verdict="passed"]', (button) => button.click());
	t.deepEqual(await shown(), ['failed', 'inconclusive']);
	const paper = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor') as Promise<string>;
	await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
	const dark = await paper();
	const inDark = (await page.evaluate(READ_CONTRASTS)) as readonly number[];
	t.true(inDark.length > 4 && Math.min(...inDark) >= LEAST_CONTRAST, `contrasts in the dark: ${inDark}`);
	await page.$eval('#theme', (button) => (button as unknown as { click(): void }).click());
	t.not(await paper(), dark);
	const inLight = (await page.evaluate(READ_CONTRASTS)) as readonly number[];
	t.true(Math.min(...inLight) >= LEAST_CONTRAST, `contrasts in the light: ${inLight}`);
	await page.setViewport({ width: 360, height: 740 });
	t.true(((await page.evaluate('document.documentElement.scrollWidth')) as number) <= 360, 'nothing is wider than a phone');
	t.true((await page.pdf()).length > 10_000);
	t.deepEqual(complaints, []);
});
