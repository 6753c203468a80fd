import { join } from 'node:path';

/** Where the log of a scenario that runs lies in the run's folder; it survives a killed runner. */
export const partialLog = (scenario: string): string => join('partial', `${scenario}.jsonl`);

/** Where the number of the scenario's process lies. */
export const partialProcess = (scenario: string): string => join('partial', `${scenario}.pid`);
