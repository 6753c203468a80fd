/**
 * What a gateway can fail with:
 *
 * | code | meaning |
 * |---|---|
 * | `unreachable` | the broker cannot be reached, or does not let the board in |
 * | `no-job` | the service has none for the board |
 * | `document` | the job's document is not what a gateway can read |
 * | `refused` | the service said no |
 * | `digest` | other bytes came than the job says |
 * | `timeout` | nothing came in time |
 * | `aborted` | it was called off |
 */
export const GATEWAY_ERROR_CODES = ['unreachable', 'no-job', 'document', 'refused', 'digest', 'timeout', 'aborted'] as const;

export type GatewayErrorCode = (typeof GATEWAY_ERROR_CODES)[number];

/** Its message begins with the board. */
export class GatewayError extends Error {
	override readonly name = 'GatewayError';
	/** Says nothing about what the board does. */
	readonly isRigFault = true;
	readonly code: GatewayErrorCode;

	constructor(code: GatewayErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}
}
