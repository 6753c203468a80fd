import type { PowerPort, PowerSwitched } from '../../harness/ports/index.js';

export interface PowerWatch {
	beforeOn(): void;
	beforeOff(): void;
	onChange(switched: PowerSwitched): void;
}

/** Power that says what is done with it. */
export const watchPower = (power: PowerPort, watch: PowerWatch): PowerPort => {
	const tell = (switched: PowerSwitched): PowerSwitched => {
		watch.onChange(switched);
		return switched;
	};
	return {
		get commanded() {
			return power.commanded;
		},
		observe: () => power.observe(),
		on: async () => {
			watch.beforeOn();
			return tell(await power.on());
		},
		off: async () => {
			watch.beforeOff();
			return tell(await power.off());
		},
		cycle: async () => {
			watch.beforeOff();
			watch.beforeOn();
			return tell(await power.cycle());
		},
	};
};
