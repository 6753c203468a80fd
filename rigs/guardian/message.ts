import type { GpioLineRequest } from '../../harness/ports/index.js';
import type { GpioOptions } from '../drivers/gpio/gpio-options.js';
import type { PowerOptions } from '../drivers/power/power-options.js';

/** What a crash of the runner leaves behind: `keep` leaves the supply as it is. */
export type SafePower = 'unpowered' | 'powered' | 'keep';

/** What a runner asks of its guardian, over the channel between the two processes. */
export type GuardianCall =
	| { readonly call: 'open-gpio'; readonly options: GpioOptions }
	| { readonly call: 'open-line'; readonly gpio: number; readonly request: GpioLineRequest }
	| { readonly call: 'set-line'; readonly line: number; readonly active: boolean }
	| { readonly call: 'get-line' | 'close-line'; readonly line: number }
	| { readonly call: 'open-power'; readonly options: PowerOptions; readonly safe: SafePower }
	| { readonly call: 'power'; readonly power: number; readonly what: 'on' | 'off' | 'cycle' | 'observe' | 'commanded' }
	| { readonly call: 'close-power'; readonly power: number }
	/** Make everything safe and end. */
	| { readonly call: 'end' };

export type ToGuardian = { readonly beat: true } | ({ readonly id: number } & GuardianCall);

export interface PlainError {
	readonly name: string;
	readonly code: string;
	readonly message: string;
}

export type FromGuardian =
	| { readonly ready: true }
	| { readonly id: number; readonly ok: true; readonly value: unknown }
	| { readonly id: number; readonly ok: false; readonly error: PlainError };
