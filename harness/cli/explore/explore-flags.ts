/** The arguments of `blackstart explore`, as typed. */
export interface ExploreArguments {
	readonly bootloader?: string | undefined;
	readonly module?: string | undefined;
	readonly layout?: string | undefined;
	readonly sectors?: string | undefined;
	readonly 'sector-size'?: string | undefined;
	readonly 'more-sectors'?: string | undefined;
	readonly 'write-size'?: string | undefined;
	readonly 'write-once'?: boolean;
	readonly 'tear-seeds'?: string | undefined;
	readonly tears?: string | undefined;
	readonly cycles?: string | undefined;
	readonly from?: string | undefined;
	readonly to?: string | undefined;
	readonly 'max-states'?: string | undefined;
	readonly 'max-time'?: string | undefined;
	readonly depth?: string | undefined;
	readonly images?: string | undefined;
	readonly sweep?: boolean;
	readonly session?: boolean;
	readonly profile?: string | undefined;
	readonly seed?: string | undefined;
	readonly jobs?: string | undefined;
	readonly strict: boolean;
	readonly shrink?: boolean;
	readonly 'shrink-seconds'?: string | undefined;
	readonly out?: string | undefined;
	readonly json: boolean;
}

/** What says which part a bootloader is explored on. */
export const PART_FLAGS = ['sectors', 'sector-size', 'more-sectors', 'write-size', 'write-once'] as const;

/** A switch that was left alone is there, and off. */
export const isTyped = (typed: ExploreArguments, flag: keyof ExploreArguments): boolean => typed[flag] !== undefined && typed[flag] !== false;
