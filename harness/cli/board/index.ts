export { BoardBench, type BoardBenchOptions } from './board-bench.js';
export { createBoardTarget } from './board-target.js';
export { chooseBoards, type RequestedRig } from './choose-boards.js';
export { type ChosenBoards, runOnRig } from './run-on-rig.js';
export { openScratchFolder } from './scratch-folder.js';
export { type EmulatedBoard, openVirtualBench, type VirtualBench } from './virtual-bench.js';
