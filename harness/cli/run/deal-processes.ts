import type { ScenarioLedger } from './scenario-ledger.js';
import { ScenarioProcess } from './scenario-process.js';

/**
 * Deals scenario files out to processes. Files of the catalogue share `shared` processes, dealt in turn, since one that is warm
 * runs them in half the time; a user's file, of which nobody knows what it leaves behind, has a process of its own, and so has
 * each of the catalogue where `shared` is 0. `serial`: all share one, whatever they are, since they share what they run on. Names sort as the processes are to start.
 */
export const dealProcesses = (
	ledgers: readonly ScenarioLedger[],
	{ folder, shared, serial = false }: { readonly folder: string; readonly shared: number; readonly serial?: boolean },
): readonly ScenarioProcess[] => {
	if (serial && shared > 0) return [new ScenarioProcess(`000000-${nameOf(ledgers)}`, { ledgers, folder })];
	const sharing = shared === 0 ? [] : ledgers.filter(isOfCatalogue);
	const groups = Array.from({ length: Math.min(shared, sharing.length) }, (_, group) => sharing.filter((_ledger, index) => index % shared === group));
	const alone = ledgers.filter((ledger) => !sharing.includes(ledger)).map((ledger) => [ledger]);
	return [...groups, ...alone].map((group, index) => new ScenarioProcess(`${String(index).padStart(6, '0')}-${nameOf(group)}`, { ledgers: group, folder }));
};

/** The catalogue's files are called by their names, a user's by its path. */
const isOfCatalogue = ({ scenario: { name, reference } }: ScenarioLedger): boolean => reference === name;

const nameOf = (group: readonly ScenarioLedger[]): string => (group.length === 1 ? (group[0]?.scenario.name ?? '') : `and-${group.length - 1}-more`);
