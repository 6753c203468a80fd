import { readFileSync } from 'node:fs';
import { ENVIRONMENT_BYTES } from './environment.js';

/** How the product saves: U-Boot's own environment, of which there is one copy, or two copies of its own that take turns. */
export const UBOOT_BUILDS = ['one-copy', 'two-copies'] as const;
export type UbootBuild = (typeof UBOOT_BUILDS)[number];

export type Environment = Readonly<Record<string, string>>;

/** Where the processor sees the second flash part, in which the product keeps all it has. */
export const PART_AT = 0x0400_0000;

const FOLDER = new URL('../../../../simulators/qemu-board/uboot/product/', import.meta.url);

export const readProductFile = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

/** U-Boot's environment as the product leaves its factory. */
export const factoryEnvironment = (build: UbootBuild): Environment => ({
	...parseEnvironmentText(readProductFile('common.env')),
	...parseEnvironmentText(readProductFile(`${build}.env`)),
});

/** Lines NAME=VALUE; one that is indented belongs to the one before, `#` begins a comment. */
export const parseEnvironmentText = (text: string): Environment =>
	Object.fromEntries(
		text
			.replaceAll(/^#.*\n/gm, '')
			.replaceAll(/\n[ \t]+/g, ' ')
			.split('\n')
			.filter((line) => line !== '')
			.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
	);

/** A number of the environment: U-Boot reads them as hexadecimal. */
const numberIn = (environment: Environment, name: string): number => Number.parseInt(environment[name] ?? '', 16);

export interface ProductLayout {
	/** In the second part's file. */
	readonly slots: Readonly<Record<'a' | 'b', number>>;
	/** Where the state may lie; what has a larger `seq` is newer. */
	readonly states: readonly { readonly offsetBytes: number; readonly sizeBytes: number }[];
	/** An image fills its slot. */
	readonly imageBytes: number;
	/** All that it keeps lies within that of the part's beginning. */
	readonly sizeBytes: number;
}

export const layoutOf = (environment: Environment): ProductLayout => {
	const offsetOf = (name: string): number => numberIn(environment, name) - PART_AT;
	const [a, b, imageBytes] = [offsetOf('at_a'), offsetOf('at_b'), numberIn(environment, 'size')];
	const copies = ['at_one', 'at_two'].filter((name) => environment[name] !== undefined);
	return {
		slots: { a, b },
		states: [
			{ offsetBytes: 0, sizeBytes: ENVIRONMENT_BYTES },
			...copies.map((name) => ({ offsetBytes: offsetOf(name), sizeBytes: numberIn(environment, 'sector') })),
		],
		imageBytes,
		sizeBytes: b + imageBytes,
	};
};

/** Which state is newer: one that was never kept in copies is older than all. */
export const sequenceOf = (state: Environment): number => (state['seq'] === undefined ? 0 : numberIn(state, 'seq'));
