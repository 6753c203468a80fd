export type { Clock, Timer } from './clock.js';
export { createRandom, type Random } from './random.js';
export { RealClock, type RealClockOptions } from './real-clock.js';
export { realTime } from './real-time.js';
export { openRealWorld, type RealWorldOptions } from './real-world.js';
export { openVirtualWorld, type VirtualWorld, type VirtualWorldOptions } from './virtual-world.js';
export { VirtualTimeError } from './virtual-time-error.js';
export type { World } from './world.js';
