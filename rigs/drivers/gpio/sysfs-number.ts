import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UNNAMED_LINE } from './find-line.js';
import { GpioError } from './gpio-error.js';

/** What the kernel says of a chip under `/sys/class/gpio/gpiochip<base>`. */
interface SysfsChip {
	readonly base: number;
	readonly label: string;
	readonly lines: number;
	readonly names: readonly string[];
	readonly device: string | undefined;
}

interface Place {
	/** `/sys`, or what stands in for it. */
	readonly root: string;
	/** Finds a line that the device tree does not name: its offset on the chip. */
	readonly findOffset?: ((line: { readonly chip: string; readonly line: string }) => Promise<number>) | undefined;
}

/**
 * The number by which sysfs knows a line: base of its chip plus its offset. The base differs with kernel and model (0, 512, 571 on Raspberry Pis), so it
 * is looked up by the chip's label or name. Rejects with a GpioError `unknown`.
 */
export const sysfsNumber = async ({ chip, line }: { readonly chip: string; readonly line: string }, { root, findOffset }: Place): Promise<number> => {
	const chips = await readChips(root);
	const matching = await matchingChips(chip, { chips, root });
	const [found] = matching;
	const what = `${chip}/${line}`;
	if (found === undefined)
		throw new GpioError('unknown', `${what}: no chip of that name or label; there are ${chips.map(({ label }) => label).join(', ') || 'none'}`);
	if (matching.length > 1)
		throw new GpioError(
			'unknown',
			`${what}: ${matching.length} chips fit: bases ${matching.map(({ base }) => base).join(', ')}; give a label that only one has`,
		);
	const unnamed = UNNAMED_LINE.exec(line);
	const named = found.names.indexOf(line);
	const offset = unnamed === null ? (named < 0 ? await findOffset?.({ chip, line }) : named) : Number(unnamed[1]);
	if (offset === undefined) {
		const names = found.names.filter((name) => name !== '');
		throw new GpioError(
			'unknown',
			`${what}: no line of that name; ${names.length > 0 ? `there are ${names.join(', ')}` : `the chip names none: say which one as 'line N', N its offset`}`,
		);
	}
	if (offset >= found.lines) throw new GpioError('unknown', `${what}: the chip has ${found.lines} lines, the last is line ${found.lines - 1}`);
	return found.base + offset;
};

const readChips = async (root: string): Promise<readonly SysfsChip[]> => {
	const folder = join(root, 'class/gpio');
	const entries = await readdir(folder).catch(() => []);
	const chips = entries.filter((entry) => /^gpiochip\d+$/.test(entry)).map((entry) => readChip(join(folder, entry)));
	return (await Promise.all(chips)).sort((a, b) => a.base - b.base);
};

const readChip = async (folder: string): Promise<SysfsChip> => {
	const text = async (file: string): Promise<string> => (await readFile(join(folder, file), 'utf8').catch(() => '')).replace(/\n$/, '');
	const names = (await text('device/of_node/gpio-line-names')).split('\0');
	const device = await realpath(join(folder, 'device')).catch(() => undefined);
	return { base: Number(await text('base')), label: await text('label'), lines: Number(await text('ngpio')), names: names.slice(0, -1), device };
};

/** By label; by the name of the character device too, whose folder lies in that of the chip's device. */
const matchingChips = async (chip: string, { chips, root }: { readonly chips: readonly SysfsChip[]; readonly root: string }): Promise<readonly SysfsChip[]> => {
	const labelled = chips.filter(({ label }) => label === chip);
	if (labelled.length > 0) return labelled;
	const node = await realpath(join(root, 'bus/gpio/devices', chip)).catch(() => undefined);
	return node === undefined ? [] : chips.filter(({ device }) => device === node || device === dirname(node));
};
