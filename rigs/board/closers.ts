const WITHIN_MS = 20_000;

/** What must be closed behind an opening, the last opened first. Each has its own deadline, and its turn whatever those before it did. */
export class Closers {
	readonly #closers: (() => Promise<void>)[] = [];

	add(close: () => Promise<void>): void {
		this.#closers.push(close);
	}

	/** Idempotent. Rejects with the first thing that went wrong, once all had their turn. */
	async close(): Promise<void> {
		const errors: unknown[] = [];
		for (const close of this.#closers.splice(0).reverse()) {
			try {
				await within(close());
			} catch (error) {
				errors.push(error);
			}
		}
		if (errors.length > 0) throw errors[0];
	}
}

const within = async (work: Promise<void>): Promise<void> => {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => reject(new Error(`closing a part of a board took longer than ${WITHIN_MS} ms`)), WITHIN_MS);
	});
	try {
		await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
};
