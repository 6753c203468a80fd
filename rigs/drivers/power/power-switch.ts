import type { PowerState } from '../../../harness/ports/index.js';

/** What a driver of a supply does; deadlines, off-times and what was seen are `SwitchedPower`'s. */
export interface PowerSwitch extends AsyncDisposable {
	/** For people: `GPIO relay on gpiochip0/GPIO22, libgpiod 2.1 tools`. */
	readonly description: string;
	/** Tells the switch; resolves once it took it. Rejects with a PowerError. */
	set(powered: boolean, options: { readonly signal: AbortSignal }): Promise<void>;
	/** What the switch, or a sense line, says now; undefined where nothing can say. */
	readonly read?: (options: { readonly signal: AbortSignal }) => Promise<PowerState | 'unknown'>;
}
