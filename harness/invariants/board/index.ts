import type { Invariant } from '../invariant.js';
import { createBoardBootable } from './bootable.js';
import { createBoardConverges } from './converges.js';
import { createBoardAuthentic, createBoardWhole } from './running-image.js';
import { createBoardSettings } from './settings.js';
import { createBoardTrial } from './trial.js';

/** What must hold of boards on a rig, by what they say themselves. */
export const createBoardInvariants = (): readonly Invariant[] => [
	createBoardBootable(),
	createBoardWhole(),
	createBoardAuthentic(),
	createBoardTrial(),
	createBoardSettings(),
	createBoardConverges(),
];
