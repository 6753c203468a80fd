import { FLASH_ROWS } from './flash.js';
import { IMAGE_ROWS } from './image.js';
import { NETWORK_ROWS } from './network.js';
import { OPERATOR_ROWS } from './operator.js';
import { POWER_ROWS } from './power.js';
import type { FaultRow } from './row.js';
import { SECURITY_ROWS } from './security.js';
import { SERVICE_ROWS } from './service.js';

/** Every fault that is known to have hurt somebody, in sections: a requirement, or a written reason why it is none here. */
export const FAULT_CATALOGUE: readonly FaultRow[] = [
	...POWER_ROWS,
	...FLASH_ROWS,
	...NETWORK_ROWS,
	...SERVICE_ROWS,
	...IMAGE_ROWS,
	...SECURITY_ROWS,
	...OPERATOR_ROWS,
];

/** Whether a case as a whole stands for the row. */
export const standsFor = ({ proofs = [] }: FaultRow, { scenario, title }: { readonly scenario: string; readonly title: string }): boolean =>
	proofs.some((proof) => 'scenario' in proof && proof.scenario === scenario && proof.title === title);
