import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import type { CaseData, RunData } from './run-data.js';

/** What the page is made of, bundled when the project is built. */
interface PageAssets {
	readonly script: string;
	readonly style: string;
}

let kept: PageAssets | undefined;

const readAssets = (): PageAssets => {
	kept ??= {
		// A script may not hold the end of the element it stands in.
		script: readFileSync(new URL('./page/main.js', import.meta.url), 'utf8').replaceAll('</script', '<\\/script'),
		style: readFileSync(new URL('./page/page.css', import.meta.url), 'utf8').replaceAll('</style', '<\\/style'),
	};
	return kept;
};

export const encodeData = (data: RunData): string => deflateRawSync(JSON.stringify(data), { level: 6 }).toString('base64');

/**
 * The report as one HTML document that loads nothing. The verdict and what did not pass stand in it as plain markup too, for
 * readers without scripts, such as Jenkins; a policy allows this one script and no other. `live`: the page follows the server it came from.
 */
export const encodePage = (data: RunData, { live = false }: { readonly live?: boolean } = {}): string => {
	const { script, style } = readAssets();
	const hash = createHash('sha256').update(script).digest('base64');
	const title = `${data.run.verdict} · blackstart ${data.run.id}`;
	return `<!doctype html>
<html lang="en"${live ? ' data-live' : ''}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; connect-src ${live ? "'self'" : "'none'"}; base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main id="report">
${encodeStatic(data)}
</main>
<script type="text/plain" id="data">${encodeData(data)}</script>
<script>${script}</script>
</body>
</html>
`;
};

/** What a page says whose scripts do not run. */
const encodeStatic = ({ run, cases }: RunData): string => {
	const open = cases.filter(({ verdict }) => verdict !== 'passed' && verdict !== 'skipped');
	const passed = cases.filter(({ verdict }) => verdict === 'passed').length;
	return `<h1>${escapeHtml(run.verdict)}</h1>
<p>${passed} of ${cases.length} cases passed; seed ${escapeHtml(run.seed)}; ${escapeHtml(run.startedAt)}</p>
${open.map(encodeOpenCase).join('\n')}
<p>The charts need scripts, which do not run here.</p>`;
};

const encodeOpenCase = ({ scenario, title, verdict, message = '', replay }: CaseData): string =>
	`<section><h2>${escapeHtml(`${verdict}: ${scenario}: ${title}`)}</h2><p>${escapeHtml(message)}</p>${replay === undefined ? '' : `<pre>${escapeHtml(replay)}</pre>`}</section>`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
