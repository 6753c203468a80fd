import type { Check, Finding } from './finding.js';

/** Folders of other programs' port locks, and how they name the process in them. */
const UUCP_FOLDERS = ['var/lock', 'run/lock'];

/** Locks of serial ports that their programs left behind: the process that the lock names runs no more. */
export const checkForeignLocks: Check = ({ host }) => {
	const seen = new Set<string>();
	const stale: Finding[] = [];
	for (const folder of UUCP_FOLDERS) {
		for (const name of host.list(folder)) {
			if (!name.startsWith('LCK..') || seen.has(name)) continue;
			seen.add(name);
			const path = `/${folder}/${name}`;
			const pid = /^\s*(\d+)/.exec(host.readText(path) ?? '')?.[1];
			const program = pid === undefined ? undefined : host.readText(`proc/${pid}/comm`);
			if (program === undefined)
				stale.push({ state: 'wrong', what: `${path}: left behind by process ${pid ?? 'unknown'}, which runs no more`, remedy: `sudo rm ${path}` });
			else stale.push({ state: 'doubtful', what: `${path}: ${program} (process ${pid}) has this port`, remedy: `end it before a rig uses the port` });
		}
	}
	return stale.length === 0 ? [{ state: 'good', what: 'no program left a lock of a serial port behind' }] : stale;
};

/** Our own locks of ports, which the next run takes over where their process is gone. */
export const checkPortLocks: Check = ({ host }) => {
	const folder = `${(host.environment['TMPDIR'] ?? '/tmp').replace(/\/$/, '')}/blackstart-ports`;
	return host.list(folder).flatMap((name): readonly Finding[] => {
		if (!name.endsWith('.lock')) return [];
		const pid = /"pid":(\d+)/.exec(host.readText(`${folder}/${name}`) ?? '')?.[1];
		const program = pid === undefined ? undefined : host.readText(`proc/${pid}/comm`);
		if (program !== undefined) return [{ state: 'good', what: `${name}: ${program} (process ${pid}) has this port` }];
		return [{ state: 'good', what: `${name}: left behind by process ${pid ?? 'unknown'}; the next run takes it over` }];
	});
};
