/** What a target can have and a scenario can need. */
export const CAPABILITIES = ['fleet', 'update', 'network', 'power', 'flash', 'service', 'console', 'gpio', 'flasher'] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Throws a TypeError that names the scenario unless every need is a known capability. */
export const assertCapabilities = (needs: readonly string[], title: string): void => {
	for (const need of needs) {
		if (!(CAPABILITIES as readonly string[]).includes(need)) {
			throw new TypeError(`scenario '${title}': needs: a capability was expected (${CAPABILITIES.join(', ')}), got '${need}'`);
		}
	}
};
