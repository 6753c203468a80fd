import uPlot from 'uplot';
import type { Histogram, WorldData } from '../run-data.js';
import { colourOf, inkOf } from './colours.js';
import { h } from './element.js';
import { sayCount, sayIn, sayTime } from './say.js';

const drawn = new Map<uPlot, { readonly host: HTMLElement; readonly draw: () => uPlot }>();

/** Draws every chart anew, as after a change of theme. */
export const redrawCharts = (): void => {
	for (const [chart, { host, draw }] of [...drawn]) {
		chart.destroy();
		drawn.delete(chart);
		if (host.isConnected) drawn.set(draw(), { host, draw });
	}
};

/** Forgets the charts of a page that is no more. */
export const forgetCharts = (): void => {
	for (const chart of drawn.keys()) chart.destroy();
	drawn.clear();
};

/** A place for a chart, drawn once it has a width. */
const place = (label: string, height: number, create: (host: HTMLElement, width: number) => uPlot): HTMLElement => {
	const host = h('div', { class: 'chart', role: 'img', 'aria-label': label, style: `min-height:${height}px` });
	let chart: uPlot | undefined;
	const observer = new ResizeObserver(() => {
		const width = Math.floor(host.clientWidth);
		if (width === 0) return;
		if (chart && drawn.has(chart)) {
			if (chart.width !== width) chart.setSize({ width, height });
			return;
		}
		const draw = (): uPlot => (chart = create(host, Math.floor(host.clientWidth)));
		drawn.set(draw(), { host, draw });
	});
	observer.observe(host);
	return host;
};

const axis = (): Pick<uPlot.Axis, 'stroke' | 'grid' | 'ticks'> => ({
	stroke: inkOf('ink'),
	grid: { stroke: inkOf('line'), width: 1 },
	ticks: { stroke: inkOf('line'), width: 1 },
});

const HEIGHT = 260;
const MARKS: Readonly<Record<string, string>> = { wave: 'c3', gate: 'good', halt: 'bad', order: 'c3', outage: 'doubt', step: 'faint' };

/** Devices by state or version over virtual time, one on top of the other, with the marks of the fleet and ticks where faults fired. */
export const drawStack = (label: string, names: readonly string[], columns: readonly (readonly number[])[], world: WorldData): HTMLElement =>
	place(label, HEIGHT, (host, width) => {
		const seconds = world.at.map((at) => at / 1000);
		const stacked: number[][] = [];
		for (const column of columns) {
			const below = stacked.at(-1);
			stacked.push(column.map((value, index) => value + (below?.[index] ?? 0)));
		}
		const step = uPlot.paths.stepped?.({ align: 1 });
		const series: uPlot.Series[] = names
			.map((name, index): uPlot.Series => {
				const colour = colourOf(name, index);
				return {
					label: name,
					stroke: colour,
					fill: colour,
					width: 1,
					points: { show: false },
					...(step ? { paths: step } : {}),
					value: (_chart, _value, _series, at) => (at === null || at === undefined ? '–' : sayCount(columns[index]?.[at] ?? 0)),
				};
			})
			.reverse();
		return new uPlot(
			{
				width,
				height: HEIGHT,
				series: [{ label: 'time', value: (_chart, value) => (value === null ? '–' : sayTime(value * 1000)) }, ...series],
				scales: { x: { time: false }, y: { range: (_chart, _low, high) => [0, Math.max(1, high)] } },
				axes: [
					{ ...axis(), values: (_chart, ticks) => ticks.map((tick) => sayTime(tick * 1000)), space: 90 },
					{ ...axis(), size: 60 },
				],
				cursor: { drag: { x: true, y: false } },
				hooks: { draw: [(chart) => drawMarks(chart, world), (chart) => drawFaults(chart, world)] },
			},
			[seconds, ...[...stacked].reverse()],
			host,
		);
	});

const drawMarks = (chart: uPlot, { marks }: WorldData): void => {
	const { ctx, bbox } = chart;
	ctx.save();
	ctx.font = `${11 * devicePixelRatio}px system-ui`;
	ctx.textBaseline = 'top';
	for (const { at, sort, text } of marks) {
		const x = chart.valToPos(at / 1000, 'x', true);
		if (x < bbox.left || x > bbox.left + bbox.width) continue;
		ctx.strokeStyle = inkOf('ink');
		ctx.fillStyle = colourOf(MARKS[sort] ?? 'faint');
		ctx.setLineDash(sort === 'step' ? [2, 4] : []);
		ctx.beginPath();
		ctx.moveTo(x, bbox.top);
		ctx.lineTo(x, bbox.top + bbox.height);
		ctx.stroke();
		if (sort === 'step') continue;
		ctx.fillStyle = inkOf('ink');
		const word = sort === 'order' ? 'deploy' : sort === 'outage' ? (text.includes('stops') ? 'outage' : 'back') : sort;
		ctx.fillText(word, x + 3, bbox.top + 2);
	}
	ctx.restore();
};

const drawFaults = (chart: uPlot, { at, faults }: WorldData): void => {
	const { ctx, bbox } = chart;
	const tick = 7 * devicePixelRatio;
	ctx.save();
	ctx.strokeStyle = colourOf('bricked');
	ctx.lineWidth = devicePixelRatio;
	ctx.beginPath();
	for (const column of Object.values(faults))
		for (const [index, count] of column.entries()) {
			if (count === 0) continue;
			const x = chart.valToPos((at[index] ?? 0) / 1000, 'x', true);
			if (x < bbox.left || x > bbox.left + bbox.width) continue;
			ctx.moveTo(x, bbox.top + bbox.height);
			ctx.lineTo(x, bbox.top + bbox.height - tick);
		}
	ctx.stroke();
	ctx.restore();
};

/** Steps between the marks of an axis of whole numbers. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/** How many devices took how long, how much or how often. */
export const drawHistogram = ({ name, unit, from, to, counts, median, p95, highest }: Histogram): HTMLElement => {
	const label = `${name}: median ${sayIn(unit, median)}, 95 % within ${sayIn(unit, p95)}, at most ${sayIn(unit, highest)}`;
	const step = counts.length === 0 ? 1 : (to - from) / counts.length || 1;
	const chart = place(label, 170, (host, width) => {
		const bars = uPlot.paths.bars?.({ size: [0.9], align: 1 });
		return new uPlot(
			{
				width,
				height: 170,
				legend: { show: false },
				cursor: { show: false },
				series: [
					{},
					{ label: 'devices', stroke: colourOf('downloading'), fill: colourOf('downloading'), ...(bars ? { paths: bars } : {}), points: { show: false } },
				],
				scales: { x: { time: false, range: [from, to === from ? from + 1 : to] }, y: { range: (_chart, _low, high) => [0, Math.max(1, high)] } },
				axes: [
					{ ...axis(), ...(unit === 'times' ? { incrs: WHOLE } : {}), values: (_chart, ticks) => ticks.map((tick) => sayIn(unit, tick)), space: 80 },
					{ ...axis(), size: 50 },
				],
			},
			[counts.map((_, index) => from + index * step), [...counts]],
			host,
		);
	});
	return h('figure', {}, h('figcaption', {}, label), chart);
};
