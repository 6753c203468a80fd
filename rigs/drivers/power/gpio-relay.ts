import type { GpioLineRequest, GpioPort } from '../../../harness/ports/index.js';
import type { PowerSwitch } from './power-switch.js';

export interface RelayLine {
	readonly chip: string;
	readonly line: string;
	readonly activeLow: boolean;
	readonly drive?: GpioLineRequest['drive'];
}

export interface GpioRelayOptions {
	readonly gpio: GpioPort;
	readonly line: RelayLine;
	/** Level the line takes when it is opened: a board that must not lose power at the start is opened powered. */
	readonly initiallyPowered: boolean;
	readonly consumer: string;
}

/** A supply behind a relay or transistor on a GPIO line: on board rigs by wire, on virtual boards by their chip's socket. */
export const openGpioRelay = async ({ gpio, line, initiallyPowered, consumer }: GpioRelayOptions): Promise<PowerSwitch> => {
	const { chip, activeLow, drive = 'push-pull' } = line;
	const relay = await gpio.openLine({ chip, line: line.line, activeLow, drive, consumer, direction: { output: initiallyPowered } });
	return {
		description: `GPIO relay on ${relay.name}; ${gpio.description}`,
		set: (powered) => relay.set(powered),
		[Symbol.asyncDispose]: () => Promise.resolve(relay[Symbol.asyncDispose]()),
	};
};
