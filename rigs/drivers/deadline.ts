/** Gives up on something that takes too long: its signal is aborted, and what `late` makes is thrown. */
export const withDeadline = async <Value>(
	task: (signal: AbortSignal) => Promise<Value>,
	{ withinMs, late }: { readonly withinMs: number; readonly late: () => Error },
): Promise<Value> => {
	const controller = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	const lateness = new Promise<never>((_resolve, reject) => {
		timer = setTimeout(() => {
			const error = late();
			reject(error);
			controller.abort(error);
		}, withinMs);
	});
	try {
		return await Promise.race([task(controller.signal), lateness]);
	} finally {
		clearTimeout(timer);
	}
};

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
