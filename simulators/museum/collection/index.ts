import type { Exhibit } from '../exhibit.js';
import { BOOTS } from './boots.js';
import { CLOCKS } from './clocks.js';
import { FLEETS } from './fleets.js';
import { HERDS } from './herds.js';
import { IMAGES } from './images.js';
import { SETTINGS } from './settings.js';
import { WORDS } from './words.js';

/** Everything in the museum. */
export const EXHIBITS: readonly Exhibit[] = [...BOOTS, ...IMAGES, ...SETTINGS, ...WORDS, ...FLEETS, ...HERDS, ...CLOCKS];
