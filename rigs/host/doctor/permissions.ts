import type { Stats } from 'node:fs';
import type { RigHost } from '../rig-host.js';
import type { Check, Finding } from './finding.js';

const READ_WRITE = 0o6;

/** Whether a device file is for us, by its mode alone. */
const mayUse = ({ mode, uid, gid }: Stats, { userId, groupIds }: RigHost): boolean => {
	if (userId === 0) return true;
	const bits = uid === userId ? mode >> 6 : groupIds.includes(gid) ? mode >> 3 : mode;
	return (bits & READ_WRITE) === READ_WRITE;
};

const groupName = (host: RigHost, groupId: number): string =>
	host
		.readText('etc/group')
		?.split('\n')
		.map((line) => line.split(':'))
		.find(([, , id]) => id === String(groupId))?.[0] ?? String(groupId);

/** Whether a device file may be used, and which group would let us. */
export const judgeDevice = (path: string, host: RigHost): Finding => {
	const status = host.status(path);
	if (status === undefined)
		return {
			state: 'wrong',
			what: `${path}: the kernel has it, /dev has not`,
			remedy: 'in a container, pass the device in (docker run --device); else see that udev runs',
		};
	if (mayUse(status, host)) return { state: 'good', what: `${path} may be read and written` };
	const group = groupName(host, status.gid);
	return {
		state: 'wrong',
		what: `${path} may not be read and written by user ${host.userId} (group ${group})`,
		remedy:
			status.gid === 0
				? `give it a group by a udev rule (/etc/udev/rules.d/60-blackstart.rules), then: sudo udevadm control --reload && sudo udevadm trigger`
				: `sudo usermod -aG ${group} "$USER", then log in again`,
	};
};

export const checkSerialPermissions: Check = ({ ports, host }) =>
	ports.length === 0 ? [{ state: 'absent', what: 'no serial port is plugged in' }] : ports.map(({ path }) => judgeDevice(path, host));
