/** One colour per word, told apart in both themes and by those who see red and green alike; the page's style sheet has them. */
const NAMES: Readonly<Record<string, string>> = {
	passed: 'good',
	updated: 'good',
	idle: 'calm',
	unchanged: 'quiet',
	skipped: 'quiet',
	off: 'off',
	booting: 'c1',
	connecting: 'c2',
	downloading: 'c3',
	installing: 'c4',
	testing: 'c5',
	bricked: 'bad',
	none: 'bad',
	mix: 'bad',
	broken: 'bad',
	endless: 'worse',
	trap: 'worse',
	unseen: 'doubt',
	new: 'good',
	old: 'c3',
	'image-1': 'good',
	'image-0': 'c3',
	'either image': 'c5',
	failed: 'bad',
	stuck: 'worse',
	errored: 'worse',
	unknown: 'worse',
	inconclusive: 'doubt',
	refused: 'c4',
	reverted: 'c2',
	unfinished: 'doubt',
	interrupted: 'doubt',
};
const OTHERS = ['c3', 'c2', 'c5', 'c1', 'c4', 'calm', 'good', 'doubt'];

/** The style sheet's name of the colour of a word; words it does not know take one by their place. */
export const colourName = (word: string, place = 0): string => NAMES[word] ?? (OTHERS[place % OTHERS.length] as string);

export const colourOf = (word: string, place = 0): string =>
	getComputedStyle(document.documentElement)
		.getPropertyValue(`--${colourName(word, place)}`)
		.trim();

export const inkOf = (name: 'ink' | 'faint' | 'line' | 'paper'): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
