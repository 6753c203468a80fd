export { CAPABILITIES, type Capability } from './capability.js';
export { type Cell, encodeCell, isInCell, MOST_CELLS, parseCell } from './cell.js';
export { CASE_EXAMPLE, type CaseText, encodeCase, encodeReduction, type FileReference, parseCase, titleSlugs } from './case-text.js';
export { DEFAULT_DEVICES, type RunOptions, type ScenarioContext, type UserImage } from './context.js';
export { FaultAccount } from './fault-account.js';
export type { CaseConsole, InvariantResult, Judge, ScenarioHost } from './host.js';
export { InconclusiveError, ProductFailure } from './outcome-errors.js';
export { type CaseExtent, Reducer, type Reduction } from './reduction.js';
export { runCase } from './run-case.js';
export { collectScenarios, type ScenarioDefinition, type ScenarioOptions, scenario } from './scenario.js';
export { findTarget, type OpenBoard, type OpenFleet, provideTarget, type Target, type TargetContext } from './target.js';
export { type CollectedFile, registerScenarios } from './register.js';
export {
	BROKER_ENGINES,
	type BrokerEngine,
	describeRung,
	encodeRung,
	findMisfit,
	isTransport,
	FAULT_PLACES,
	type FaultPlace,
	LOSS_MODES,
	type LossMode,
	MQTT_VERSIONS,
	type MqttVersion,
	parseBrokerUrl,
	parseSpeed,
	type Rung,
	TRANSPORTS,
	type Transport,
} from './rung.js';
