/** The update service, as a board meets it over a network of its own. */
export interface BoardNetwork {
	/** Tells the board where the service is, unless it was told already, and waits for its connection. Rejects with a BoardError `network` where none comes. */
	connect(options: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<void>;
	/** Tells the board a port at which nothing listens. */
	misdirect(options: { readonly withinMs: number }): Promise<void>;
	/** The service holds a connection of the board to be open: one that went without a word, until it misses its pings. */
	readonly isConnected: boolean;
	/** Connections of the board that the service took. */
	readonly connections: number;
	/** Of the newest image, handed out to the board: repeats count, 1 is all of it once. */
	readonly deliveredRatio: number;
	/** Nothing listens any more, and the board's connection ends. */
	takeServiceAway(): Promise<void>;
	/** It listens where it did. */
	bringServiceBack(): Promise<void>;
}
