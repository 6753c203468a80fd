import type { Device } from '../device/index.js';

/** The last flash operations of a device and the faults that tore any, for people: a line each. */
export const describeFlash = ({ id, profile, flash }: Device): string => {
	const lines = flash.recent.map(
		({ operation, kind, offsetBytes, lengthBytes }) => `  ${operation} ${kind} ${lengthBytes} bytes at 0x${offsetBytes.toString(16)}`,
	);
	const faults = flash.fired.map(({ operation, tear }) => `  operation ${operation} was torn: ${tear}`);
	return [`flash journal of ${id} (${profile.name}), the last ${lines.length} of ${flash.operations} operations:`, ...lines, ...faults, ''].join('\n');
};
