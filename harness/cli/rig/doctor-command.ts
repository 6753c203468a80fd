import type { CommandModule } from 'yargs';
import type { Diagnosis, Finding, RigHostOptions } from '../../../rigs/host/index.js';
import { type Output, printResult } from '../image/index.js';
import { readRigFile } from './choose-rig.js';
import { declareJson, declareRig, type RigArguments } from './rig-arguments.js';

interface DoctorArguments extends RigArguments {
	readonly json: boolean;
	readonly 'open-ports': boolean;
}

const RIG_FAULT = 3;

/** `rig doctor`: what rigs of this machine stumble over, each with its remedy; exit 3 where something is wrong. */
export const createDoctorCommand = (
	output: Output,
	{ directory, host }: { readonly directory: string; readonly host: RigHostOptions },
): CommandModule<object, DoctorArguments> => ({
	command: 'doctor',
	describe: 'Look at what rigs of this machine stumble over, with the remedy for each: 0 good, 3 something is wrong',
	builder: (yargs) =>
		declareJson(declareRig(yargs))
			.option('open-ports', { type: 'boolean', default: false, describe: 'Open each serial port to ask how it is set, which raises DTR and may reset boards' })
			.example('$0 rig doctor', 'Permissions, ModemManager, latency, GPIO, locks left behind …')
			.example('$0 rig doctor --rig rigs/bench.yaml', 'And whether what that rig needs is there')
			.epilogue('Nothing is changed.'),
	handler: async ({ rig: typed, json, 'open-ports': opensPorts }) => {
		const rig = typed === undefined ? undefined : await readRigFile(typed, { directory });
		const { createRigHost, examineHost } = await import('../../../rigs/host/index.js');
		const diagnoses = await examineHost(createRigHost(host), { rig, opensPorts });
		const wrong = diagnoses.flatMap(({ findings }) => findings).filter(({ state }) => state === 'wrong').length;
		printResult(output, {
			asJson: json,
			data: { wrong, diagnoses },
			text: [...diagnoses.filter(({ findings }) => findings.length > 0).map(formatDiagnosis), summarize(diagnoses, wrong)].join('\n'),
		});
		output.setExitCode(wrong > 0 ? RIG_FAULT : 0);
	},
});

const WORDS: Readonly<Record<Finding['state'], string>> = { good: 'good    ', wrong: 'WRONG   ', doubtful: 'doubtful', absent: 'absent  ' };

const formatDiagnosis = ({ topic, findings }: Diagnosis): string =>
	[topic, ...findings.map(({ state, what, remedy }) => `  ${WORDS[state]}  ${what}${remedy === undefined ? '' : `\n${' '.repeat(12)}remedy: ${remedy}`}`)].join(
		'\n',
	);

const summarize = (diagnoses: readonly Diagnosis[], wrong: number): string => {
	const doubtful = diagnoses.flatMap(({ findings }) => findings).filter(({ state }) => state === 'doubtful').length;
	return `\n${wrong} wrong, ${doubtful} doubtful`;
};
