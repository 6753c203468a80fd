import type { CaseSize } from '../../harness/events/index.js';
import { formatDuration, scrubLine } from '../text/index.js';
import { isCommand, toCommand } from './outcome.js';
import type { CaseRecord } from './run-record.js';

/** What came of the search for a smaller case that fails like this one, as lines for people; none where none was looked for. */
export const describeShrunk = ({ shrunk, case: whole }: Pick<CaseRecord, 'shrunk' | 'case'>): readonly string[] => {
	if (!shrunk) return [];
	const { end, from, to, runs, wallMs } = shrunk;
	const reason = shrunk.reason === undefined ? '' : `: ${scrubLine(shrunk.reason)}`;
	if (end === 'not-repeated') return [`not shrunk, for it does not fail again in the same way${reason}`];
	const effort = `${runs} ${runs === 1 ? 'run' : 'runs'}, ${formatDuration(wallMs)}`;
	const goOn = whole === undefined ? '' : `: ${lookFurther(scrubLine(shrunk.case ?? whole))} looks further`;
	const ending = {
		minimal: 'nothing more can be left out',
		'out-of-time': `time was up, so there may be a smaller one${goOn}`,
		interrupted: 'it was interrupted',
	}[end];
	if (shrunk.case === undefined) return [`nothing smaller was found that fails like it (${effort}); ${end === 'minimal' ? 'nothing can be left out' : ending}`];
	return [`smaller: ${toCommand(scrubLine(shrunk.case))}`, `${describeSizes(from, to)}, and it still fails${reason}`, `${ending} (${effort})`];
};

/** `1 of 60 devices, 2 of 40 faults`: what the case has none of is left out. */
export const describeSizes = (from: CaseSize, to: CaseSize): string =>
	(['devices', 'faults', 'waves'] as const)
		.filter((part) => from[part] > 0)
		.map((part) => `${to[part]} of ${from[part]} ${part}`)
		.join(', ');

/** What is a command of its own shrinks what fails unless told otherwise. */
const lookFurther = (text: string): string => `${toCommand(text)}${isCommand(text) ? '' : ' --shrink'} --shrink-seconds 300`;
