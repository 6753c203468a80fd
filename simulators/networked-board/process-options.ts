/** What the process of a networked board is told, as JSON in its one argument. Files by absolute path. */
export interface NetworkedBoardProcessOptions {
	readonly name: string;
	readonly stateFile: string;
	readonly lineSocketPath: string;
	readonly seed: number;
	/** Path of the image it leaves the factory with; absent: golden. */
	readonly image?: string;
}
