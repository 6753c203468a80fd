/** A message, a path or an artifact of Mender's that is not what it has to be. `place` is where: `deployment.artifact.source.uri`. */
export class MenderError extends Error {
	override readonly name = 'MenderError';
	readonly code = 'mender-malformed';
	readonly place: string;

	constructor(place: string, problem: string, options?: ErrorOptions) {
		super(`${place}: ${problem}`, options);
		this.place = place;
	}
}
