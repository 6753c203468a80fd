import type { CaseData, RunData } from '../run-data.js';
import { nameOf, viewCase } from './case-view.js';
import { forgetCharts, redrawCharts } from './charts.js';
import { colourName } from './colours.js';
import { viewCoverage, viewInvariants } from './coverage-view.js';
import { h } from './element.js';
import { followLive } from './live.js';
import { readData } from './read-data.js';
import { sayTime } from './say.js';
import { viewSweep } from './sweep-view.js';

/** Failures beyond these are closed at first. */
const OPEN_FAILURES = 5;
const VERDICTS = ['failed', 'errored', 'inconclusive', 'passed', 'skipped'];

const render = (data: RunData): void => {
	const main = document.querySelector('main') as HTMLElement;
	const opened = new Set([...main.querySelectorAll('details.case[open]')].map((element) => element.getAttribute('data-case')));
	const isAgain = main.hasAttribute('data-ready');
	forgetCharts();
	const pressing = data.cases.filter(({ verdict }) => !isQuiet(verdict));
	const list = data.cases.map((one) =>
		viewCase(one, { open: isAgain ? opened.has(nameOf(one)) : pressing.indexOf(one) >= 0 && pressing.indexOf(one) < OPEN_FAILURES }),
	);
	const count = (verdict: string): number => data.cases.filter((one) => one.verdict === verdict).length;
	main.replaceChildren(
		header(data),
		h(
			'nav',
			{ 'aria-label': 'cases' },
			VERDICTS.filter((verdict) => count(verdict) > 0).map((verdict) =>
				h(
					'button',
					{ type: 'button', class: `filter back-${colourName(verdict)}`, 'aria-pressed': 'true', 'data-verdict': verdict, on: { click: toggleVerdict } },
					`${count(verdict)} ${verdict}`,
				),
			),
			h('input', { type: 'search', placeholder: 'find a case  ( / )', id: 'find', 'aria-label': 'find a case', on: { input: () => filter() } }),
		),
		h('section', { id: 'cases', 'aria-label': 'cases, failures first' }, list),
		...(data.sweeps.length === 0
			? []
			: [h('details', { id: 'sweeps', open: true }, h('summary', {}, h('h2', {}, 'Power cuts of boards')), data.sweeps.map(viewSweep))]),
		viewCoverage(data.coverage),
		viewInvariants(data.invariants),
		...(data.omitted.length === 0
			? []
			: [
					h(
						'details',
						{ id: 'omitted' },
						h('summary', {}, h('h2', {}, 'What was left out of this file')),
						h(
							'ul',
							{},
							data.omitted.map((note) => h('li', {}, note)),
						),
					),
				]),
	);
	main.setAttribute('data-ready', '');
	document.title = `${data.run.verdict} · blackstart ${data.run.id}`;
};

const isQuiet = (verdict: string): boolean => verdict === 'passed' || verdict === 'skipped';

const header = ({ run, cases }: RunData): HTMLElement => {
	const passed = cases.filter(({ verdict }) => verdict === 'passed').length;
	const options = Object.entries(run.options).map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
	const versions = Object.entries(run.versions).map(([name, value]) => `${name} ${value}`);
	return h(
		'header',
		{ class: `verdict back-${colourName(run.verdict)}` },
		h('h1', {}, run.verdict),
		h(
			'p',
			{ class: 'big' },
			`${passed} of ${cases.length} cases passed${run.wallMs === undefined ? '' : ` in ${sayTime(run.wallMs)}`}${run.exitCode === undefined ? '' : `, exit code ${run.exitCode}`}`,
		),
		h('p', {}, [`seed ${run.seed}`, ...options, ...versions, run.startedAt].join(' · ')),
		...run.warnings.map((warning) => h('p', { class: 'warning' }, warning)),
		h('button', { type: 'button', id: 'theme', class: 'plain', on: { click: switchTheme } }, 'light / dark'),
	);
};

const toggleVerdict = (event: Event): void => {
	const button = event.currentTarget as HTMLElement;
	button.setAttribute('aria-pressed', button.getAttribute('aria-pressed') === 'true' ? 'false' : 'true');
	filter();
};

/** Shows the cases whose verdict is chosen and that hold every word. */
const filter = (): void => {
	const words = (document.querySelector('#find') as HTMLInputElement).value.toLowerCase().split(/\s+/).filter(Boolean);
	const hidden = new Set([...document.querySelectorAll('nav button[aria-pressed="false"]')].map((button) => button.getAttribute('data-verdict')));
	for (const element of document.querySelectorAll<HTMLElement>('details.case')) {
		const name = element.getAttribute('data-case')?.toLowerCase() ?? '';
		element.hidden = hidden.has(element.getAttribute('data-verdict')) || !words.every((word) => name.includes(word));
	}
};

const switchTheme = (): void => {
	const root = document.documentElement;
	const isDark = root.dataset['theme'] === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : root.dataset['theme'] === 'dark';
	root.dataset['theme'] = isDark ? 'light' : 'dark';
	redrawCharts();
};

/** `/` finds, `j` and `k` go from case to case, `Escape` leaves the field. */
const onKey = (event: KeyboardEvent): void => {
	const field = document.querySelector('#find') as HTMLInputElement;
	if (event.ctrlKey || event.metaKey || event.altKey) return;
	if (event.key === 'Escape') (document.activeElement as HTMLElement | null)?.blur();
	if (document.activeElement instanceof HTMLInputElement) return;
	if (event.key === '/') {
		event.preventDefault();
		field.focus();
	}
	if (event.key !== 'j' && event.key !== 'k') return;
	const lines = [...document.querySelectorAll<HTMLElement>('details.case:not([hidden]) > summary')];
	const at = lines.indexOf(document.activeElement as HTMLElement);
	lines[Math.max(0, Math.min(lines.length - 1, at + (event.key === 'j' ? 1 : -1)))]?.focus();
};

const start = async (): Promise<void> => {
	render(await readData(document.querySelector('#data')?.textContent ?? ''));
	document.addEventListener('keydown', onKey);
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawCharts);
	addEventListener('beforeprint', () => document.documentElement.setAttribute('data-theme', 'light'));
	if (document.documentElement.hasAttribute('data-live')) followLive(render);
};

export type { CaseData };

void start();
