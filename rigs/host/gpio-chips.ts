import type { RigHost } from './rig-host.js';

/** A GPIO chip with the names of its lines, as far as its board gave them any. */
export interface GpioChipFacts {
	/** `gpiochip0`. */
	readonly name: string;
	readonly label: string | undefined;
	readonly lines: readonly { readonly offset: number; readonly name: string | undefined; readonly isUsed: boolean }[];
}

/** GPIO chips on the character device; names of lines come from libgpiod's `gpioinfo`, so there are none where that is not installed. */
export const listGpioChips = async (host: RigHost): Promise<readonly GpioChipFacts[]> => {
	const names = host.list('dev').filter((name) => /^gpiochip\d+$/.test(name));
	if (names.length === 0) return [];
	const info = await host.run('gpioinfo', []);
	const lines = info?.exitCode === 0 ? parseGpioInfo(info.stdout) : new Map<string, GpioChipFacts['lines']>();
	const detected = await host.run('gpiodetect', []);
	const labels = new Map([...(detected?.stdout ?? '').matchAll(/^(gpiochip\d+) \[(.*?)\]/gm)].map(([, name = '', label = '']) => [name, label]));
	return names.map((name) => ({ name, label: labels.get(name) ?? labelOf(host, name), lines: lines.get(name) ?? [] }));
};

/** The legacy class has the label of a chip, under its base number. */
const labelOf = (host: RigHost, name: string): string | undefined => {
	const device = host.resolveLinks(`sys/bus/gpio/devices/${name}/..`);
	for (const entry of host.list('sys/class/gpio')) {
		if (!/^gpiochip\d+$/.test(entry)) continue;
		if (device !== undefined && host.resolveLinks(`sys/class/gpio/${entry}/device`) === device) return host.readText(`sys/class/gpio/${entry}/label`);
	}
	return undefined;
};

/**
 * `gpioinfo` of libgpiod 1 and 2:
 *
 *     gpiochip0 - 54 lines:
 *         line   0:      "ID_SDA"       unused   input  active-high
 *         line  17:     "GPIO17"   "relay"  output  active-high [used]
 *         line   2:      unnamed       unused   input  active-high
 *         line  17:	"GPIO17"        	output consumer="relay"
 */
export const parseGpioInfo = (text: string): ReadonlyMap<string, GpioChipFacts['lines']> => {
	const chips = new Map<string, { offset: number; name: string | undefined; isUsed: boolean }[]>();
	let lines: { offset: number; name: string | undefined; isUsed: boolean }[] = [];
	for (const row of text.split('\n')) {
		const chip = /^(gpiochip\d+) - \d+ lines/.exec(row)?.[1];
		if (chip !== undefined) {
			lines = [];
			chips.set(chip, lines);
		}
		const [, offset, name] = /^\s+line\s+(\d+):\s+(?:"([^"]*)"|unnamed)/.exec(row) ?? [];
		if (offset !== undefined) lines.push({ offset: Number(offset), name: name === '' ? undefined : name, isUsed: /\[.*used|consumer=/.test(row) });
	}
	return chips;
};
