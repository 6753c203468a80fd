import type { RigFile } from '../../rig-file/index.js';
import type { RigHost } from '../rig-host.js';
import { listSerialPorts } from '../serial-ports.js';
import type { Check, Finding } from './finding.js';
import { checkGpio } from './gpio-access.js';
import { checkForeignLocks, checkPortLocks } from './leftovers.js';
import { checkLeases } from './leases-held.js';
import { checkSerialPermissions } from './permissions.js';
import { checkPrograms, checkQemu, checkUserNamespaces } from './programs.js';
import { checkFtdiLatency, checkPortGrabbers, checkUdev, createHupclCheck } from './serial-health.js';

export type { Finding } from './finding.js';

export interface Diagnosis {
	readonly topic: string;
	readonly findings: readonly Finding[];
}

export interface DoctorOptions {
	readonly rig: RigFile | undefined;
	/** Whether serial ports may be opened, which may reset boards. */
	readonly opensPorts: boolean;
}

/** Looks at what rigs of this machine stumble over; changes nothing. */
export const examineHost = async (host: RigHost, { rig, opensPorts }: DoctorOptions): Promise<readonly Diagnosis[]> => {
	const topics: readonly (readonly [topic: string, check: Check])[] = [
		['serial ports', checkSerialPermissions],
		['programs that take serial ports', checkPortGrabbers],
		['FTDI latency', checkFtdiLatency],
		['HUPCL', createHupclCheck({ opensPorts })],
		['udev', checkUdev],
		['GPIO', checkGpio],
		['programs of drivers', checkPrograms],
		['QEMU', checkQemu],
		['user namespaces', checkUserNamespaces],
		['locks of other programs', checkForeignLocks],
		['locks of serial ports', checkPortLocks],
		['leases and broken boards', checkLeases],
	];
	const context = { host, ports: listSerialPorts(host), rig };
	return Promise.all(topics.map(async ([topic, check]) => ({ topic, findings: await check(context) })));
};
