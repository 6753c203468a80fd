import { inspect } from 'node:util';

/** How a secret is written in a rig file. */
export const SECRET_SHAPE = /^\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}$/;

type Environment = Readonly<Record<string, string | undefined>>;

/** A secret that a rig file names and the environment holds. However it is printed, only its name shows. */
export class Secret {
	readonly variable: string;

	constructor(variable: string) {
		this.variable = variable;
	}

	isSet(environment: Environment): boolean {
		return (environment[this.variable] ?? '') !== '';
	}

	/** Throws a TypeError that names the variable where it is not set. */
	reveal(environment: Environment = process.env): string {
		const value = environment[this.variable] ?? '';
		if (value === '') throw new TypeError(`the environment variable ${this.variable} was expected to hold a secret of the rig file, it is not set`);
		return value;
	}

	toString(): string {
		return `\${env:${this.variable}}`;
	}

	toJSON(): string {
		return this.toString();
	}

	[inspect.custom](): string {
		return this.toString();
	}
}
