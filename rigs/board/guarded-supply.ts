import type { PowerOptions } from '../drivers/power/index.js';
import { type GuardedPower, type Guardian, openGuardian, type SafePower } from '../guardian/index.js';
import type { Closers } from './closers.js';

/** A supply in the hands of a guardian, brought to what is safe when it is closed: by another guardian, where the first is gone. */
export const openGuardedSupply = async (
	options: PowerOptions,
	{ guardian, safe, closers }: { readonly guardian: Guardian; readonly safe: SafePower; readonly closers: Closers },
): Promise<GuardedPower> => {
	closers.add(async () => {
		if (guardian.lost.aborted && safe !== 'keep') await secureAnew(options, safe);
	});
	const power = await guardian.openPower(options, { safe });
	closers.add(async () => power[Symbol.asyncDispose]());
	closers.add(async () => {
		if (guardian.lost.aborted) return;
		if (safe === 'unpowered') await power.off();
		else if (safe === 'powered' && power.commanded === 'unpowered') await power.on();
	});
	return power;
};

const secureAnew = async (options: PowerOptions, safe: 'powered' | 'unpowered'): Promise<void> => {
	await using guardian = await openGuardian();
	const power = await guardian.openPower(options, { safe });
	await (safe === 'unpowered' ? power.off() : power.on());
};
