import { existsSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import type { Browser, Page } from 'puppeteer-core';

const CANDIDATES = [process.env['CHROMIUM'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = CANDIDATES.find((path) => path !== '' && existsSync(path));

export interface OpenPage {
	readonly page: Page;
	/** What the page complained of. */
	readonly complaints: readonly string[];
}

let browser: Browser | undefined;

/** A test in a real browser, headless; skipped, and loudly so, where there is none. */
export const testInBrowser = (title: string, run: (t: ExecutionContext, open: (address: string) => Promise<OpenPage>) => Promise<void>): void => {
	if (executablePath === undefined) {
		process.stderr.write(`SKIPPED for want of Chromium (apt-get install chromium, or CHROMIUM=path): ${title}\n`);
		test.skip(title, () => {});
		return;
	}
	test.serial(title, async (t) => {
		const { launch } = await import('puppeteer-core');
		browser ??= await launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
		const pages: Page[] = [];
		try {
			await run(t, async (address) => {
				const page = await (browser as Browser).newPage();
				pages.push(page);
				const complaints: string[] = [];
				page.on('console', (message) => void (['error', 'warn'].includes(message.type()) && complaints.push(message.text())));
				page.on('pageerror', (error) => void complaints.push(String(error)));
				page.on('dialog', (dialog) => {
					complaints.push(`a dialog: ${dialog.message()}`);
					void dialog.dismiss();
				});
				await page.goto(address);
				await page.waitForSelector('main[data-ready]', { timeout: 30_000 });
				return { page, complaints };
			});
		} finally {
			for (const page of pages) await page.close();
		}
	});
};

export const closeBrowser = async (): Promise<void> => {
	await browser?.close();
	browser = undefined;
};
