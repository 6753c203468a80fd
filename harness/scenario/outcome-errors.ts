/** The product broke its promise: what was wanted and what came. Ends a scenario as `failed`. */
export class ProductFailure extends Error {
	readonly code = 'product-failure';

	constructor(message: string) {
		super(message);
		this.name = 'ProductFailure';
	}
}

/** No device of the case falls into the cell that is run: it has nothing to say here. Ends a scenario as `skipped`. */
export class EmptyCellError extends Error {
	readonly code = 'empty-cell';

	constructor(message: string) {
		super(message);
		this.name = 'EmptyCellError';
	}
}

/** The scenario cannot tell: what it set out to show was not shown. Ends a scenario as `inconclusive`. */
export class InconclusiveError extends Error {
	readonly code = 'inconclusive';

	constructor(message: string) {
		super(message);
		this.name = 'InconclusiveError';
	}
}
