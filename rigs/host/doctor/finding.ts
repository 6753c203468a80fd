import type { RigFile } from '../../rig-file/index.js';
import type { RigHost } from '../rig-host.js';
import type { SerialPortFacts } from '../serial-ports.js';

/** What the doctor says of one thing. */
export interface Finding {
	/** `good`; `wrong`: boards of a rig will not work; `doubtful`: they may fail at times; `absent`: not there, and not needed by the rig. */
	readonly state: 'good' | 'wrong' | 'doubtful' | 'absent';
	readonly what: string;
	/** What to do about it. */
	readonly remedy?: string;
}

export interface DoctorContext {
	readonly host: RigHost;
	readonly ports: readonly SerialPortFacts[];
	/** What is needed is told by the rig; where there is none, nothing is. */
	readonly rig: RigFile | undefined;
}

/** One thing that is looked at. */
export type Check = (context: DoctorContext) => Promise<readonly Finding[]> | readonly Finding[];
