import { createHash } from 'node:crypto';
import { scrubLine } from '../text/index.js';

/** Azure's limit for class and name together, with the dot between them. */
const LONGEST_IDENTITY = 512;
const LONGEST_CLASS = 200;

/** Text of at most `longest` UTF-16 units: a longer one keeps its head and ends in a hash of the whole, the same in every run. */
export const shortenName = (text: string, longest: number): string => {
	if (text.length <= longest) return text;
	const tail = `~${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
	return scrubLine(text.slice(0, longest - tail.length).replace(/[\ud800-\udbff]$/, '')) + tail;
};

const formatClassname = ({ target, scenario }: { readonly target: string; readonly scenario: string }): string =>
	`blackstart.${scrubLine(target) || 'unknown'}.${scrubLine(scenario) || 'unnamed'}`.replaceAll(' ', '-');

/** `blackstart.<target>.<scenario>` for each suite, unique, at most 200 characters. Blanks are kept out, as some readers cut there. */
export const nameClasses = (suites: readonly { readonly target: string; readonly scenario: string }[]): string[] =>
	nameUniquely(suites.map(formatClassname), { longest: LONGEST_CLASS, number: (name, copy) => `${name}-${copy}` });

/**
 * A name for each title, unique within one class, in order. A title that comes again gets ` (2)`, ` (3)`;
 * what would pass 512 characters together with the class is shortened.
 */
export const nameCases = (titles: readonly string[], classname: string): string[] => {
	const bases = titles.map((title) => scrubLine(title) || '(untitled)');
	return nameUniquely(bases, { longest: LONGEST_IDENTITY - classname.length - 1, number: (name, copy) => `${name} (${copy})` });
};

const nameUniquely = (
	bases: readonly string[],
	{ longest, number }: { readonly longest: number; readonly number: (name: string, copy: number) => string },
): string[] => {
	const taken = new Set<string>();
	return bases.map((base) => {
		let name = shortenName(base, longest);
		for (let copy = 2; taken.has(name); copy += 1) name = shortenName(number(base, copy), longest);
		taken.add(name);
		return name;
	});
};
