import type { FleetDevice, FleetPort, Release } from '../../../harness/ports/index.js';
import { HOUR_MS, MINUTE_MS, type Story } from './judge-fleet.test.support.js';

type Choose = (fleet: FleetPort) => Release;

/** One device of each revision is sent a release, with nothing else done to it. */
export const sent = (choose: Choose, { withinMs = HOUR_MS }: { readonly withinMs?: number } = {}): Story => ({
	options: { devices: 3, referenceShare: 0 },
	tell: async (fleet) => {
		await fleet.deploy(choose(fleet));
		await fleet.settle({ withinMs });
		await untilAllRun(fleet);
	},
});

const LAST_OPERATIONS = 20;

/** One device shows how many flash operations an update takes; the others lose power at the last ones, each at another. */
export const cutNearTheEnd = (choose: Choose): Story => ({
	options: { devices: 1 + LAST_OPERATIONS, profiles: ['sensor'], referenceShare: 0 },
	tell: async (fleet) => {
		const release = choose(fleet);
		const [first, ...others] = fleet.devices as readonly [FleetDevice, ...FleetDevice[]];
		const before = first.flashOperations;
		await fleet.deploy(release, { devices: [first] });
		await fleet.settle({ withinMs: HOUR_MS });
		const operations = first.flashOperations - before;
		for (const [index, device] of others.entries()) {
			fleet.arm(device, { kind: 'power-cut', moment: { at: 'operation', operation: operations - 1 - index, tear: 'half' }, offMs: MINUTE_MS });
		}
		await fleet.deploy(release, { devices: others });
		await fleet.settle({ withinMs: HOUR_MS });
	},
});

/** Devices take an update, and then lose power while they run it. */
export const cutAfterwards = (choose: Choose): Story => ({
	options: { devices: 3, referenceShare: 0 },
	tell: async (fleet) => {
		await fleet.deploy(choose(fleet));
		await fleet.settle({ withinMs: HOUR_MS });
		// The revision with the most trials has three.
		for (let time = 0; time < 4; time++) {
			for (const device of fleet.devices) fleet.arm(device, { kind: 'power-cut', moment: { at: 'time', afterMs: 1_000 }, offMs: MINUTE_MS });
			await fleet.sleep(5 * MINUTE_MS);
			await fleet.ready({ withinMs: HOUR_MS });
		}
	},
});

const BLOCKS_BEFORE_THE_CUT = 13;
/** Packets that a device receives before the first block: the job, and the broker's receipts for what it said of it. */
const PACKETS_BEFORE_THE_FIRST_BLOCK = 4;

/** Devices lose their connection, or their power, late in a download of sixteen blocks. */
export const interrupted = (by: 'link' | 'power', choose: Choose): Story => ({
	options: { devices: 6, profiles: ['sensor'], referenceShare: 0 },
	tell: async (fleet) => {
		for (const device of fleet.devices) {
			if (by === 'link') fleet.arm(device, { kind: 'link-reset', after: { messages: PACKETS_BEFORE_THE_FIRST_BLOCK + BLOCKS_BEFORE_THE_CUT } });
			// A block costs three operations: erase, program, mark.
			else
				fleet.arm(device, {
					kind: 'power-cut',
					moment: { at: 'operation', operation: 3 * BLOCKS_BEFORE_THE_CUT, tear: 'half' },
					offMs: MINUTE_MS,
				});
		}
		await fleet.deploy(choose(fleet));
		await fleet.settle({ withinMs: HOUR_MS });
	},
});

/** A release goes out to twelve devices, in waves behind gates. */
export const rolledOut = (choose: Choose): Story => ({
	options: { devices: 12, referenceShare: 0 },
	tell: async (fleet) => {
		await fleet.rollout(choose(fleet), { pilot: 3, waves: [4], maxFailureRatio: 0.1, waveTimeoutMs: 2 * HOUR_MS });
		await fleet.settle({ withinMs: 2 * HOUR_MS });
	},
});

/** The world must not close on a device in the middle of a boot. */
const untilAllRun = async (fleet: FleetPort): Promise<void> => {
	for (let look = 0; look < 1_000; look++) {
		if (fleet.devices.every(({ version }) => version !== null)) return;
		await fleet.sleep(100);
	}
};
