import type { UptimeRow } from '../../events/index.js';
import { count } from './explore-text.js';

/**
 * Whether an update gets anywhere, in a table:
 *
 * ```
 * liveness: at most 1 boot to rest once power is stable; least uptime for progress, reset every N flash operations:
 *   update   196 operations   N >= 3    123 boots
 *   return   196 operations   N >= 3    123 boots
 * ```
 */
export const formatLiveness = (rows: readonly UptimeRow[], { mostBoots }: { readonly mostBoots: number }): string => {
	const boots = `at most ${mostBoots} ${mostBoots === 1 ? 'boot' : 'boots'} to rest once power is stable`;
	if (rows.length === 0) return `liveness: ${boots}; the plain update is not taken, so that its uptime cannot be measured\n`;
	const width = Math.max(...rows.map(({ operations }) => count(operations).length));
	const lines = rows.map(({ phase, operations, leastUptime, boots: number }) => {
		const part = `  ${phase}  ${count(operations).padStart(width)} operations   `;
		if (leastUptime === null) return `${part}never: it comes to no end, however long power stays\n`;
		const anew = 2 * leastUptime > operations && operations > 2 ? '   (begun anew after each reset: no progress below that)' : '';
		return `${part}N >= ${count(leastUptime)}, then ${count(number)} ${number === 1 ? 'boot' : 'boots'}${anew}\n`;
	});
	return `liveness: ${boots}; least uptime for progress, reset every N flash operations:\n${lines.join('')}`;
};
