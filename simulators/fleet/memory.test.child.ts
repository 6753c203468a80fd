import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HOUR_MS, withFleet } from './fleet.test.support.js';

/**
 * Prints the bytes of live objects after a first week of virtual time, and after a month more, of a fleet that has nothing to
 * do: it reports and pings, renews its certificates, and loses its broker once a week.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const WEEK_MS = 7 * 24 * HOUR_MS;

const facts = await withFleet(
	{ devices: 4, referenceShare: 0.25, keepaliveS: 1_200, reportEveryMs: HOUR_MS / 3, certificates: { deviceDays: 20 } },
	async ({ fleet, events }) => {
		const passWeek = async (): Promise<void> => {
			fleet.armService({ kind: 'broker-restart', afterMs: WEEK_MS / 2, downMs: 60_000, sessions: 'lost' });
			await fleet.sleep(WEEK_MS);
		};
		const liveBytes = async (): Promise<number> => {
			for (let round = 0; round < 4; round++) {
				collect();
				await new Promise((resolve) => process.nextTick(resolve));
			}
			return getHeapStatistics().used_heap_size;
		};
		await passWeek();
		const weekBytes = await liveBytes();
		const messages = fleet.devices.map((device) => device.messages);
		for (let week = 0; week < 4; week++) await passWeek();
		return {
			grownBytes: (await liveBytes()) - weekBytes,
			messages: fleet.devices.reduce((sum, device, index) => sum + device.messages - (messages[index] ?? 0), 0),
			renewals: events.filter(({ kind }) => kind === 'device-settings-changed').length,
			restarts: fleet.faultsFired('broker-restart'),
		};
	},
);
process.stdout.write(JSON.stringify(facts));
