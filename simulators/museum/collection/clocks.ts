import type { Exhibit } from '../exhibit.js';
import { clocks } from '../parts/index.js';

/** What a device takes for the time, and what it does about certificates. */
export const CLOCKS: readonly Exhibit[] = [
	{
		name: 'no-floor-under-the-clock',
		bug: 'a device that begins at 1970 takes the service for one that is not yet valid, and has nobody else to ask',
		incident: 'Tasmota#2571, Tasmota#9757, piksi#148: no connection after a power loss',
		story: 'clock-at-1970',
		invariant: 'converges',
		parts: { device: { createWallClock: clocks.createFloorlessClock } },
	},
	{
		name: 'floor-from-its-own-clock',
		bug: 'a device keeps as the least possible time what its clock said, which once stood at 2106',
		incident: 'Tasmota#9757: a clock that is wrong after a power loss, with nothing to put it right',
		story: 'clock-at-2106',
		invariant: 'converges',
		parts: { device: { createWallClock: clocks.createVainClock } },
	},
	{
		name: 'resets-over-a-certificate',
		bug: 'a device that cannot verify the service resets, and never waits for the time it asked for',
		incident: 'Mender: break out of a reboot loop; sensors-software#539: TLS that fails for the clock alone',
		story: 'clock-at-2106',
		invariant: 'converges',
		parts: { device: { createIdentity: clocks.createHopefulIdentity } },
	},
	{
		name: 'never-renews-its-certificate',
		bug: 'a device lets its certificate run out',
		incident: 'halos#183, astarte-esp32#3: devices stranded by a certificate that ended',
		story: 'certificates-run-out',
		invariant: 'converges',
		parts: { device: { createIdentity: clocks.createCarelessIdentity } },
	},
];
