import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ExplorerEvent } from '../../events/index.js';
import {
	type CaseStep,
	countDepths,
	type Finding,
	mapCuts,
	measureUptime,
	type Subject,
	traceFinding,
	Walk,
	type WalkOptions,
	type WalkResult,
} from '../../explorer/index.js';
import { realTime } from '../../time/index.js';
import { onInterrupt } from '../run/interrupt.js';
import type { EndReason } from './explore-text.js';
import { isShortOfMemory, readMemoryInUse } from './memory-left.js';
import type { WalkCrew } from './walk-crew.js';
import type { WalkObserver } from './walk-progress.js';

export interface CarriedOutWalk {
	readonly end: EndReason;
	readonly seconds: number;
	readonly result: WalkResult;
	readonly findings: readonly { readonly finding: Finding; readonly steps: readonly CaseStep[] }[];
	readonly charts: WalkCharts;
}

/** What is told of a walk beside its findings. */
export interface WalkCharts {
	readonly depths: (ExplorerEvent & { readonly kind: 'explorer-depths' })['depths'];
	readonly cutMap: (ExplorerEvent & { readonly kind: 'explorer-cut-map' })['rows'];
	readonly uptime: (ExplorerEvent & { readonly kind: 'explorer-uptime' })['rows'];
}

/** Walks with an eye on the clock and on whoever wants it to stop. */
export const carryOutWalk = async (
	subject: Subject,
	options: WalkOptions & { readonly mostMs: number; readonly observer: WalkObserver; readonly onBegin: () => void; readonly crew: WalkCrew | null },
): Promise<CarriedOutWalk> => {
	const startedMs = realTime.nowMs();
	let interrupted = false;
	const stopListening = onInterrupt({ first: () => (interrupted = true), second: () => (interrupted = true) });
	const { crew } = options;
	const walk = new Walk(subject, crew === null ? options : { ...options, callHelpers: () => crew.call() });
	const steps = walk.steps();
	let lastTurnMs = startedMs;
	try {
		for (let isFirst = true; ; isFirst = false) {
			const { done, value } = steps.next();
			if (isFirst) options.onBegin();
			const nowMs = realTime.nowMs();
			const seconds = (nowMs - startedMs) / 1000;
			if (done === true) return finish(walk, { end: value.end, result: value, seconds, options });
			const end = interrupted ? 'interrupted' : nowMs - startedMs > options.mostMs ? 'time' : null;
			if (end !== null) return finish(walk, { end, result: walk.result('stopped'), seconds, options });
			if (nowMs - lastTurnMs < TURN_MS) continue;
			options.observer.progress(value, { seconds });
			if (isShortOfMemory(readMemoryInUse())) return finish(walk, { end: 'memory', result: walk.result('stopped'), seconds, options });
			await nextTurn();
			lastTurnMs = realTime.nowMs();
		}
	} finally {
		await crew?.close();
		stopListening();
	}
};

/** How long a walk goes on before it looks up. */
const TURN_MS = 100;

const finish = (
	walk: Walk,
	done: { readonly end: EndReason; readonly result: WalkResult; readonly seconds: number; readonly options: WalkOptions },
): CarriedOutWalk => ({
	end: done.end,
	seconds: done.seconds,
	result: done.result,
	findings: done.result.findings.map((finding) => ({ finding, steps: traceFinding(walk, finding, { level: done.options.tears, seeds: done.options.seeds }) })),
	charts: {
		depths: countDepths(walk.nodes),
		cutMap: mapCuts(walk.world, { level: done.options.tears, seeds: done.options.seeds }),
		uptime: measureUptime(walk.world),
	},
});
