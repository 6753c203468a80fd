import type { Reduction, ScenarioDefinition } from '../../scenario/index.js';
import { type Attempt, isSameFailure, shrinkCase, sizeOf } from '../../shrink/index.js';
import { provideTargets } from '../composition.js';
import type { CandidateResult } from '../shrink/collect-candidate.js';
import { runCandidate } from '../shrink/run-candidate.js';
import { measureUsage, type Usage } from './usage.js';

export interface ShrinkMeasurement {
	/** Of the whole case. */
	readonly devices: number;
	readonly usage: Usage;
}

const SEED = '1';
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Fails of one power cut, on the device in the middle, among links that are reset on all others; the failure names no device. */
const failing: ScenarioDefinition = {
	title: 'no device boots twice',
	options: { needs: ['fleet', 'power'] },
	run: async ({ openFleet, expect, options }) => {
		const fleet = await openFleet();
		await fleet.ready({ withinMs: HOUR_MS });
		const culprit = `device-${String(Math.ceil(options.devices / 2)).padStart(5, '0')}`;
		for (const device of fleet.devices) {
			if (device.id === culprit) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 100 }, offMs: 500 });
			else fleet.arm(device, { kind: 'link-reset', after: { messages: 1 } });
		}
		await fleet.sleep(MINUTE_MS);
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: HOUR_MS });
		const again = fleet.devices.filter(({ boots }) => boots > 2).length;
		expect(again === 0, `${again} of ${fleet.devices.length} devices booted more than once for their update`);
	},
};

/** A failing case of so many devices, a fault on each, shrunk to the one device and fault that it needs, in this process. Throws where it is not. */
export const measureShrinking = async (devices: number): Promise<ShrinkMeasurement> => {
	await provideTargets();
	const run = (reduction: Reduction): Promise<CandidateResult> =>
		runCandidate(failing, { scenario: 'bench', seed: SEED, options: { devices, keys: [] }, reduction });
	const { result, usage } = await measureUsage(async () => {
		const whole = await run({});
		const { failure } = whole;
		if (failure === undefined) throw new Error(`the whole case was to fail, it came to: ${whole.reason || 'it passed'}`);
		return shrinkCase({
			from: { reduction: {}, extent: whole.extent },
			run: async (reduction): Promise<Attempt> => {
				const { failure: other, extent } = await run(reduction);
				return { fails: isSameFailure(failure, other), extent };
			},
			width: 1,
			signal: new AbortController().signal,
		});
	});
	const size = sizeOf(result.smallest);
	if (size.devices !== 1 || size.faults !== 1) throw new Error(`one device and one fault were to be left, ${JSON.stringify(size)} are`);
	return { devices, usage };
};
