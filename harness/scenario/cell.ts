import { createRandom } from '../time/index.js';

/** One of the parts that a fleet is cut into: the devices whose ids fall into it. */
export interface Cell {
	/** From 0. */
	readonly index: number;
	readonly count: number;
}

export const MOST_CELLS = 10_000;

/** `0/3`: the first of three cells. Throws a RangeError that says what was expected. */
export const parseCell = (text: string): Cell => {
	const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
	const cell = { index: Number(index), count: Number(count) };
	if (index === undefined || !(cell.count >= 1 && cell.count <= MOST_CELLS && cell.index < cell.count)) {
		throw new RangeError(`a cell and how many there are was expected, from 0/N to N-1/N with N at most ${MOST_CELLS}, got '${text}'`);
	}
	return cell;
};

export const encodeCell = ({ index, count }: Cell): string => `${index}/${count}`;

/** Whether the device of that id falls into the cell: of all cells of one count it falls into one, whatever fleet it is in. */
export const isInCell = (device: string, { index, count }: Cell): boolean => createRandom(`cell/${device}`).integer(count) === index;
