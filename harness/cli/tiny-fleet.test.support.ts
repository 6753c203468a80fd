import type { OpenFleet, TargetContext } from '../scenario/index.js';
import { openVirtualWorld } from '../time/index.js';

/** A fleet of devices that do nothing but wake up at seeded moments, in a virtual world of its own. For tests of the runner. */
export const openTinyFleet = async ({ seed, options, record, abort, reducer }: TargetContext): Promise<OpenFleet> => {
	const world = openVirtualWorld({ seed });
	const { clock } = world;
	let close = (): void => {};
	const closed = new Promise<void>((resolve) => {
		close = resolve;
	});
	const running = world.run(() => closed).catch(abort);
	record({ kind: 'world-opened', at: 0, seed, devices: options.devices, options: {} });
	const names = Array.from({ length: options.devices }, (_, index) => `device-${index}`).filter((name, index) => reducer?.keepsDevice(index + 1, name) ?? true);
	for (const device of names) {
		record({ kind: 'device-provisioned', at: 0, device, hardware: 'tiny', digest: '00', version: '1.0.0', securityCounter: 0, settings: '00' });
		clock.after(1 + world.random(device).integer(1000), () => record({ kind: 'device-state', at: clock.nowMs, device, state: 'idle' }));
	}
	const fleet = {
		devices: names.map((id) => ({ id })),
		get nowMs() {
			return clock.nowMs;
		},
		sleep: (delayMs: number) => clock.sleep(delayMs),
		finish: async () => {
			for (const device of names) record({ kind: 'device-final', device, version: '1.0.0', outcome: 'unchanged' });
		},
		[Symbol.asyncDispose]: async () => {
			close();
			await running;
			world[Symbol.dispose]();
		},
	};
	return fleet as unknown as OpenFleet;
};
