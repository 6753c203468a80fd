/** What the process of a board is told, as JSON in its one argument. Files by absolute path. */
export interface BoardProcessOptions {
	readonly name: string;
	readonly stateFile: string;
	readonly lineSocketPath: string;
	readonly seed: number;
	/** One of the committed bootloaders, or the path of an Intel HEX file. */
	readonly bootloader: string;
	/** Path of the image it leaves the factory with; absent: golden. */
	readonly image?: string;
}

/** The one line that the process writes on its standard output: it can be used from now on. */
export interface BoardReady {
	readonly ready: true;
	readonly tty: string;
	readonly socket: string;
}
