export { createRigCommand, type RigCommandOptions } from './rig-command.js';
export { type ChosenRig, chooseRig, readRigFile } from './choose-rig.js';
