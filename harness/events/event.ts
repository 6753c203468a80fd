import type { BoardEvent } from './board-event.js';
import type { DeviceEvent } from './device-event.js';
import type { ExplorerEvent } from './explorer-event.js';
import type { FleetEvent } from './fleet-event.js';
import type { RolloutEvent } from './rollout-event.js';
import type { RunEvent } from './run-event.js';
import type { ScenarioEvent } from './scenario-event.js';

/**
 * The run's single timeline: one object per thing that happened, discriminated on `kind`.
 *
 * Kinds that begin with `run-` belong to the runner and may hold wall time, paths and versions.
 * Everything else is the same, byte for byte, for the same seed: times are virtual milliseconds
 * since the world opened (`at`), and no path, version of ours or wall time appears.
 *
 * Boards live in real time: in a case that runs on a board, `at` is milliseconds of the rig's monotonic clock since the case
 * opened its first board, and neither instants nor what follows from them (`board-…`, `fault-…`, the `at` of steps) are the
 * same in another run. The choices drawn from the seed are.
 */
export type BlackstartEvent = RunEvent | ScenarioEvent | ExplorerEvent | FleetEvent | DeviceEvent | RolloutEvent | BoardEvent;
