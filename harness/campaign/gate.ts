/** How a wave stands: every device is in one of the three. */
export interface WaveTally {
	readonly succeeded: number;
	/** Said they failed, or had the job taken away. */
	readonly failed: number;
	/** Had not finished in time. */
	readonly silent: number;
}

/** Whether a wave lets the next one go: failures over finished, where silence is not success. A wave of nobody does. */
export const decideGate = ({ succeeded, failed, silent }: WaveTally, maxFailureRatio: number): 'go' | 'halt' => {
	const all = succeeded + failed + silent;
	return all > 0 && (failed + silent) / all > maxFailureRatio ? 'halt' : 'go';
};
