import type { BoardSpec } from '../../../rigs/rig-file/index.js';
import { type OpenBoard, ProductFailure, type Target, type TargetContext } from '../../scenario/index.js';
import { realTime } from '../../time/index.js';
import type { BoardBench } from './board-bench.js';

/** Another run may hold the board for as long as that. */
const WAIT_MS = 10 * 60_000;

/** A board of a rig as a target of scenarios; cases open it one after another. */
export const createBoardTarget = async (spec: BoardSpec, bench: BoardBench): Promise<Target> => {
	const unavailable = bench.missing(spec);
	const named = { name: `${bench.rig.name}/${spec.name}`, board: spec.name };
	if (unavailable !== undefined) return { ...named, capabilities: [], unavailable: `${spec.name} cannot run here: ${unavailable}` };
	let openBoards = 0;
	let cases = 0;
	let beganMs = 0;
	const open = async ({ record, abort }: TargetContext, { other }: { readonly other: boolean }): Promise<OpenBoard> => {
		const wanted = other ? bench.other(spec) : spec;
		if (wanted === undefined) throw new TypeError(`rig ${bench.rig.name} has no board beside ${spec.name}`);
		if (openBoards === 0) {
			beganMs = realTime.nowMs();
			cases++;
		}
		const nowMs = (): number => realTime.nowMs() - beganMs;
		const onWait = (text: string): void => record({ kind: 'scenario-step', at: Math.round(nowMs()), text });
		const onUnexpected = (what: string): void => abort(new ProductFailure(what));
		const opened = await bench
			.open(wanted, { consoles: `${spec.name}-${cases}`, waitMs: WAIT_MS, nowMs, record, onWait, onLost: abort, onUnexpected })
			.catch(async (error: unknown) => {
				// What was begun for it would keep this process alive.
				if (openBoards === 0) await bench[Symbol.asyncDispose]();
				throw error;
			});
		openBoards++;
		let closed = false;
		return Object.assign(opened.board, {
			[Symbol.asyncDispose]: async () => {
				if (closed) return;
				closed = true;
				openBoards--;
				await opened[Symbol.asyncDispose]();
				if (openBoards === 0) await bench[Symbol.asyncDispose]();
			},
		});
	};
	return {
		...named,
		capabilities: await bench.capabilities(spec),
		openBoard: open,
		openFleet: (context, options) => bench.service.openFleet(context, options),
	};
};
