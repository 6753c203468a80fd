import { ATTACKS, FAULT_CATALOGUE, type FaultRow, type Proof, type Sighting } from '../faults/index.js';
import { UsageError } from './usage-error.js';

/** `blackstart list --faults`: every row of the fault catalogue with how it is exercised, or why not; returns the exit code. */
export const listFaults = ({ scenarios, json }: { readonly scenarios: readonly string[]; readonly json: boolean }): number => {
	if (scenarios.length > 0) throw new UsageError(`--faults: the whole catalogue of faults is listed, got ${scenarios.join(' ')} besides`);
	const rows = FAULT_CATALOGUE.map(describeRow);
	if (json) process.stdout.write(`${JSON.stringify(rows)}\n`);
	else {
		for (const { id, fault, attacks, inRuns, elsewhere, limits, whyNot } of rows) {
			const named = attacks.map(({ name, invariants }) => `${name} (${invariants.join(', ')})`);
			const lines = [
				...inRuns.map((text) => `in runs: ${text}`),
				...elsewhere,
				...(named.length === 0 ? [] : [`stands for ${named.join('; ')}`]),
				...(limits === undefined ? [] : [`not in reach: ${limits}`]),
				...(whyNot === undefined ? [] : [`not exercised: ${whyNot}`]),
			];
			process.stdout.write(`${id.padEnd(3)}  ${fault}\n${lines.map((line) => `       ${line}\n`).join('')}`);
		}
		const reasons = rows.filter(({ whyNot }) => whyNot !== undefined).length;
		const beyond = ATTACKS.filter(({ whyNot }) => whyNot !== undefined);
		process.stdout.write(`\nattacks that no row stands for:\n${beyond.map(({ list, name, whyNot }) => `       ${list} ${name}: ${whyNot}\n`).join('')}`);
		process.stdout.write(`\n${rows.length} rows: ${rows.length - reasons} are exercised, ${reasons} are not, for the reasons given\n`);
	}
	return 0;
};

const describeRow = ({ id, fault, sightings = [], proofs = [], limits, whyNot }: FaultRow) => ({
	id,
	fault,
	/** Of other people's lists, with what must hold all the same. */
	attacks: ATTACKS.filter(({ rows }) => rows.includes(id)).map(({ list, name, invariants }) => ({ name: `${list} ${name}`, invariants })),
	inRuns: [...sightings.map(describeSighting), ...proofs.filter((proof) => 'scenario' in proof).map(describeProof)],
	elsewhere: proofs.filter((proof) => !('scenario' in proof)).map(describeProof),
	...(limits === undefined ? {} : { limits }),
	...(whyNot === undefined ? {} : { whyNot }),
});

const describeSighting = ({ seen, form, phases }: Sighting): string =>
	[
		seen.replaceAll('-', ' '),
		...(form === undefined
			? []
			: [
					`(${form.source
						.replaceAll(/[\^$()]/g, '')
						.trim()
						.replaceAll('|', ' or ')})`,
				]),
		...(phases === undefined ? [] : [`while ${phases.join(', ')}`]),
	].join(' ');

const describeProof = (proof: Proof): string => {
	if ('exhibit' in proof) return `in the museum: ${proof.exhibit}`;
	return 'scenario' in proof ? `scenario ${proof.scenario}: ${proof.title}` : `test ${proof.test}: ${proof.title}`;
};
