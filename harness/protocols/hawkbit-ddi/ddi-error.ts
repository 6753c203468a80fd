/** A message or a path of the DDI API that is not what it has to be. `place` is where: `deploymentBase.deployment.chunks.0.version`. */
export class DdiError extends Error {
	override readonly name = 'DdiError';
	readonly code = 'ddi-malformed';
	readonly place: string;

	constructor(place: string, problem: string, options?: ErrorOptions) {
		super(`${place}: ${problem}`, options);
		this.place = place;
	}
}
