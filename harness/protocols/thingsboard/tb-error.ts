/** A message of ThingsBoard's device API that is not what it has to be. `place` is where: `attributes.fw_size`. */
export class ThingsboardError extends Error {
	override readonly name = 'ThingsboardError';
	readonly code = 'thingsboard-malformed';
	readonly place: string;

	constructor(place: string, problem: string, options?: ErrorOptions) {
		super(`${place}: ${problem}`, options);
		this.place = place;
	}
}
