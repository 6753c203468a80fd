import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PowerPort } from '../../harness/ports/index.js';
import { type BoardName, type HostOptions, stateFolder } from '../leases/index.js';

/** How often something was done: a file of as many bytes. Adding to it is one step, whoever is killed meanwhile. */
export class WearCounter {
	readonly file: string;

	constructor(file: string) {
		this.file = file;
	}

	get count(): number {
		return statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
	}

	add(): void {
		appendFileSync(this.file, '.');
	}
}

/** Cuts that the relay of a board has made since its file was last removed: it outlasts runs and restarts of the rig host. */
export const relayCounter = ({ rig, board }: BoardName, host: HostOptions = {}): WearCounter =>
	new WearCounter(join(stateFolder(host), `${board}@${rig}.relay-cycles`));

/** A supply whose cuts are counted. */
export const countCuts = (power: PowerPort, counter: WearCounter): PowerPort => ({
	get commanded() {
		return power.commanded;
	},
	observe: () => power.observe(),
	on: () => power.on(),
	off: () => {
		if (power.commanded !== 'unpowered') counter.add();
		return power.off();
	},
	cycle: () => {
		if (power.commanded !== 'unpowered') counter.add();
		return power.cycle();
	},
});
