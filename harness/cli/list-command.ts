import { listFaults } from './list-faults.js';
import { listScenarios } from './run/listing.js';
import { findScenarioFiles } from './run/scenario-files.js';

/** `blackstart list`: every scenario file with its cases and what they need, or the fault catalogue; returns the exit code. */
export const listCommand = async (
	{ scenarios, json, faults }: { readonly scenarios: readonly string[]; readonly json: boolean; readonly faults: boolean },
	{ directory }: { readonly directory: string },
): Promise<number> => {
	if (faults) return listFaults({ scenarios, json });
	const listed = await listScenarios(findScenarioFiles(scenarios, { directory }), { directory });
	if (json) {
		process.stdout.write(`${JSON.stringify(listed.map(({ name, reference, cases }) => ({ scenario: name, file: reference, cases })))}\n`);
		return 0;
	}
	for (const { reference, cases } of listed) {
		const width = Math.max(...cases.map(({ title }) => title.length));
		process.stdout.write(`${reference}\n${cases.map(({ title, needs }) => `  ${title.padEnd(width)}  needs ${needs.join(', ') || 'nothing'}\n`).join('')}`);
	}
	process.stdout.write(
		`\n${listed.reduce((sum, { cases }) => sum + cases.length, 0)} cases in ${listed.length} scenario files; run one with \`blackstart run ${listed[0]?.reference ?? 'NAME'}\`\n`,
	);
	return 0;
};
