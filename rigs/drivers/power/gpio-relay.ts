import type { GpioLineRequest, GpioPort, PowerState } from '../../../harness/ports/index.js';
import type { PowerSwitch } from './power-switch.js';

export interface RelayLine {
	readonly chip: string;
	readonly line: string;
	readonly activeLow: boolean;
	readonly drive?: GpioLineRequest['drive'];
}

/** A line that sees the supply; the relay's own state is not asked where there is one. */
export interface SenseLine {
	readonly chip: string;
	readonly line: string;
	readonly activeLow: boolean;
}

export interface GpioRelayOptions {
	readonly gpio: GpioPort;
	readonly line: RelayLine;
	readonly sense?: SenseLine | undefined;
	/** Level the line takes when it is opened: a board that must not lose power at the start is opened powered. */
	readonly initiallyPowered: boolean;
	readonly consumer: string;
}

/** A supply behind a relay or transistor on a GPIO line: on board rigs by wire, on virtual boards by their chip's socket. */
export const openGpioRelay = async ({ gpio, line, sense, initiallyPowered, consumer }: GpioRelayOptions): Promise<PowerSwitch> => {
	const { chip, activeLow, drive = 'push-pull' } = line;
	const relay = await gpio.openLine({ chip, line: line.line, activeLow, drive, consumer, direction: { output: initiallyPowered } });
	try {
		const seen = sense && (await gpio.openLine({ ...sense, drive: 'push-pull', consumer, direction: 'input' }));
		return {
			description: `GPIO relay on ${relay.name}${seen === undefined ? '' : `, seen on ${seen.name}`}; ${gpio.description}`,
			set: (powered) => relay.set(powered),
			...(seen === undefined ? {} : { read: async (): Promise<PowerState> => ((await seen.get()) ? 'powered' : 'unpowered') }),
			[Symbol.asyncDispose]: async () => {
				await Promise.all([relay[Symbol.asyncDispose](), seen?.[Symbol.asyncDispose]()]);
			},
		};
	} catch (error) {
		await relay[Symbol.asyncDispose]();
		throw error;
	}
};
