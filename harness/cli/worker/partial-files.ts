import { join } from 'node:path';

/** Where the log of a scenario that runs lies in the run's folder; it survives a killed runner. */
export const partialLog = (scenario: string): string => join('partial', `${scenario}.jsonl`);

/** Where the number of one of the run's processes lies. */
export const partialProcess = (name: string): string => join('partial', `${name}.pid`);
