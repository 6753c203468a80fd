/**
 * What a target can have and a scenario can need. Of fleets: `virtual-time`, for what takes hours or days; `service`, a broker and a service that can be
 * stopped and are told of; `credentials`, a broker that is known to check them; `tls`, real
 * certificates on both sides. Of boards: `board` itself, `console`, `power` (switched), `power-sense` (seen),
 * `reset` (a line), `flasher`, `update`, `mqtt-update`, `settings` (read and written), `crash`, `bad-image`, `bad-hangs`, `bad-silent`,
 * `bad-unwell` (images that must be reverted), `refused-images` (one tampered with, one of a stranger), `recovery` (a loader that takes an image over the console when nothing else runs),
 * `own-network` (it connects to the update service by itself), `other-board` (another of the rig that it can be used beside), `fleet-beside` (a
 * simulated fleet in real time, on the broker that the board's updates come from); `fixture:NAME`, what its rig file says that it has beside its type.
 */
export const CAPABILITIES = [
	'fleet',
	'update',
	'network',
	'power',
	'flash',
	'service',
	'credentials',
	'tls',
	'virtual-time',
	'console',
	'gpio',
	'flasher',
	'board',
	'power-sense',
	'reset',
	'mqtt-update',
	'settings',
	'crash',
	'bad-image',
	'bad-hangs',
	'bad-silent',
	'bad-unwell',
	'refused-images',
	'recovery',
	'other-board',
	'fleet-beside',
	'own-network',
] as const;
export type Capability = (typeof CAPABILITIES)[number] | `fixture:${string}`;

const FIXTURE = /^fixture:[a-z0-9][a-z0-9-]{0,39}(:[\w.-]{1,40})?$/;

/** Throws a TypeError that names the scenario unless every need is a known capability. */
export const assertCapabilities = (needs: readonly string[], title: string): void => {
	for (const need of needs) {
		if (!(CAPABILITIES as readonly string[]).includes(need) && !FIXTURE.test(need)) {
			throw new TypeError(`scenario '${title}': needs: a capability was expected (${CAPABILITIES.join(', ')}, fixture:NAME), got '${need}'`);
		}
	}
};
