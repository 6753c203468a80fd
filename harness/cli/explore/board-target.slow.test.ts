import test from 'ava';
import { replaySteps, Walk, WALK_DEFAULTS } from '../../explorer/index.js';
import { BOARD_NAMES, buildBoardSubject, findBoard, readBoardTarget } from './board-target.js';
import { encodeExplorerCase, parseExplorerCase } from './explorer-case.js';
import { buildTarget } from './target.js';

const subjectOf = (name: string) => buildBoardSubject(findBoard(name) as NonNullable<ReturnType<typeof findBoard>>);

test("the virtual board's machine code is walked: nothing within a limit, where each broken build is bricked by one power cut", (t) => {
	t.deepEqual(BOARD_NAMES, ['avr-board', 'avr-board-record-early', 'avr-board-no-journal']);
	for (const name of BOARD_NAMES) {
		const walk = new Walk(subjectOf(name), { ...WALK_DEFAULTS, tears: 'L0', cycles: 1, limits: { states: 1300 } });
		const { findings, depth } = walk.run();
		t.is(depth, 1, name);
		t.deepEqual(
			findings.filter((finding) => finding.class === 'never-boots').map(({ cuts }) => cuts),
			name === 'avr-board' ? [] : [1],
			name,
		);
		if (name === 'avr-board') t.deepEqual(findings, []);
	}
});

test('torn writes inside a swap, told by a case: the sound build takes the update all the same', (t) => {
	for (const [steps, name, breaks] of [
		['write-1,trial,reset,boot@11.after.0,boot', 'avr-board-record-early', ['never-boots']],
		['write-1,trial,reset,boot@12.half.0,boot@3.half.0,boot', 'avr-board', []],
		['write-1,trial,reset,boot@21.prefix.0,boot', 'avr-board', []],
	] as const) {
		const line = `explore/${name}:tears=L1:cycles=1:steps=${steps}`;
		const one = parseExplorerCase(line);
		t.is(encodeExplorerCase(one), line);
		const replayed = replaySteps(buildTarget(one, { directory: '/' }), { tears: 'L1', cycles: 1, seeds: 2, steps: one.steps });
		t.deepEqual(
			replayed.flatMap((step) => step.breaks.map((broken) => broken.class)),
			[...breaks],
			line,
		);
		t.is(replayed.filter(({ cut }) => cut !== undefined).length, steps.split('@').length - 1);
	}
});

test("what goes with other bootloaders is refused with the board's", (t) => {
	const board = findBoard('avr-board');
	t.is(findBoard('avr'), null);
	for (const [flag, text] of [
		['sectors', '8'],
		['from', 'v1.bin'],
		['layout', 'layout.yaml'],
		['tears', 'l3'],
	] as const) {
		t.throws(() => readBoardTarget(board as NonNullable<typeof board>, { strict: false, json: false, [flag]: text }), { message: new RegExp(`^--${flag}: `) });
	}
});
