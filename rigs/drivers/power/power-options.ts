import type { GpioOptions } from '../gpio/gpio-options.js';
import type { RelayLine } from './gpio-relay.js';
import type { SenseOptions } from './sense.js';
import type { PowerTimings } from './switched-power.js';

/** Where a plug is reached by MQTT: the rig's own broker. */
export interface BrokerOptions {
	readonly broker: string;
	readonly username?: string;
	readonly password?: string;
}

/** What switches a supply, as plain data: it crosses to the guardian's process. Secrets are revealed. */
export type PowerDriverOptions =
	| {
			readonly driver: 'gpio-relay' | 'virtual';
			readonly gpio: GpioOptions;
			readonly line: RelayLine;
			readonly initiallyPowered?: boolean;
	  }
	| { readonly driver: 'serial-relay'; readonly path: string; readonly baudRate: number; readonly channel: number }
	| { readonly driver: 'uhubctl'; readonly location: string; readonly port: number; readonly retries: number }
	| { readonly driver: 'shelly-gen1'; readonly host: string; readonly channel: number; readonly username?: string; readonly password?: string }
	| { readonly driver: 'shelly-gen2'; readonly host: string; readonly channel: number; readonly password?: string }
	| ({ readonly driver: 'shelly-mqtt'; readonly topic: string; readonly generation: 'gen1' | 'gen2'; readonly channel: number } & BrokerOptions)
	| { readonly driver: 'tasmota-http'; readonly host: string; readonly channel: number; readonly username?: string; readonly password?: string }
	| ({ readonly driver: 'tasmota-mqtt'; readonly topic: string; readonly channel: number } & BrokerOptions)
	| { readonly driver: 'qemu'; readonly qmpSocket: string }
	| {
			readonly driver: 'command';
			readonly powerOn: readonly string[];
			readonly powerOff: readonly string[];
			readonly status?: { readonly read: readonly string[]; readonly powered: string };
			readonly env?: Readonly<Record<string, string>>;
	  };

export type PowerOptions = PowerDriverOptions & PowerTimings & { readonly sensedBy?: SenseOptions };
