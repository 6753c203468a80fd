import { type TellOptions, tellStory } from '../../../../simulators/museum/index.js';
import type { BlackstartEvent, DeviceOutcome, DeviceState, InvariantName } from '../../../events/index.js';
import type { FleetDevice } from '../../../ports/index.js';
import type { SessionCase, SessionCut } from './session-case.js';

/** How the update of one device went, with power lost or without. */
export interface SessionRun {
	readonly cuts: readonly SessionCut[];
	/** One for each cut that took effect: what it hit, and what the device was doing. */
	readonly hits: readonly { readonly form: string; readonly state: DeviceState }[];
	readonly outcome: DeviceOutcome;
	/** The first of each invariant. */
	readonly violations: readonly { readonly invariant: InvariantName; readonly message: string }[];
	/** What the device did since the last cut, or since the update began. */
	readonly operations: number;
	readonly messages: number;
}

/** `parts`: wrong ones in place of the device's, for proofs that they are found out. */
export type RunSessionOptions = Pick<TellOptions, 'onEvent' | 'parts'>;

const HOUR_MS = 3_600_000;
const OFF_MS = 2_000;
/** A device that has not come to rest by then never will. */
const SETTLE_WITHIN_MS = 12 * HOUR_MS;
/** The device speaks through the light client, whose messages are counted alike in every world. */
const NO_REFERENCE_SHARE = 0.01;

/**
 * One device, online and idle, is sent a release that fills its slot: download, write, request, reboot, self-test, confirm,
 * report, clean up. A virtual world of its own, judged by every invariant at its end, so that the service's belief is held
 * against what runs. The same case, the same run, byte for byte.
 */
export const runSession = async ({ profile, bootloader, seed, cuts }: SessionCase, options: RunSessionOptions = {}): Promise<SessionRun> => {
	const hits: SessionRun['hits'][number][] = [];
	const waiting = [...cuts];
	let device: FleetDevice | undefined;
	let state: DeviceState = 'idle';
	let since = { operations: 0, messages: 0 };
	let armNext = (): void => {};
	let outcome: DeviceOutcome = 'stuck';
	let done = since;
	const onEvent = (event: BlackstartEvent): void => {
		options.onEvent?.(event);
		if (event.kind === 'device-state') state = event.state;
		if (event.kind !== 'fault-fired' || event.fault !== 'power-cut') return;
		hits.push({ form: event.form ?? '', state });
		armNext();
	};
	const told = await tellStory(
		{
			options: { devices: 1, profiles: [bootloader === null ? profile : `${profile}/${bootloader}`], referenceShare: NO_REFERENCE_SHARE },
			tell: async ({ fleet }) => {
				const [only] = fleet.devices as [FleetDevice];
				device = only;
				armNext = () => {
					since = { operations: only.flashOperations, messages: only.messages };
					const cut = waiting.shift();
					if (cut === undefined) return;
					const moment = cut.at === 'message' ? cut : ({ at: 'operation', operation: cut.operation, tear: cut.tear, tearSeed: cut.seed } as const);
					fleet.arm(only, { kind: 'power-cut', moment, offMs: OFF_MS });
				};
				armNext();
				await fleet.deploy(fleet.releases.candidate({ sizeBytes: 'fills-slot' }));
				await fleet.settle({ withinMs: SETTLE_WITHIN_MS });
				outcome = device.outcome;
				done = { operations: only.flashOperations - since.operations, messages: only.messages - since.messages };
			},
		},
		{ seed, onEvent, ...(options.parts === undefined ? {} : { parts: options.parts }) },
	);
	return {
		cuts,
		hits,
		outcome,
		violations: told.broken.map((invariant) => ({ invariant, message: told.firstOf(invariant)?.message ?? '' })),
		...done,
	};
};
