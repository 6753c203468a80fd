/** `no-job`: the service has none; `refused`: it said no; `digest`: other bytes came than the job says; `timeout`, `aborted`. */
export class GatewayError extends Error {
	override readonly name = 'GatewayError';
	readonly code: 'no-job' | 'refused' | 'digest' | 'document' | 'timeout' | 'aborted';

	constructor(code: GatewayError['code'], message: string) {
		super(message);
		this.code = code;
	}
}
