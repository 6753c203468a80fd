import type { FaultCount } from '../../harness/events/index.js';
import {
	type CampaignRecord,
	type CaseRecord,
	describeCoverage,
	describeShrunk,
	type RunRecord,
	replayLine,
	sumCoverage,
	sumFaults,
	sumInvariants,
	tellEvent,
	tellPlan,
	tellProgress,
	tellWaves,
} from '../record/index.js';
import { formatVirtualTime } from '../text/index.js';

const formatFaults = (faults: readonly FaultCount[]): string =>
	faults.length === 0 ? 'none' : faults.map(({ fault, armed, fired }) => `${fault} armed ${armed} fired ${fired}`).join('; ');

/** The rig's hash is a fact of the run's or the case's options, under `rigHash`; simulated targets have none. */
const readRigHash = (run: RunRecord, cases: readonly CaseRecord[]): string | undefined => {
	const hash = cases.map((one) => one.options?.rigHash).find((value) => value !== undefined) ?? run.options.rigHash;
	return hash === undefined ? undefined : String(hash);
};

const listInvariants = (cases: readonly CaseRecord[]): { readonly exercised: string; readonly idle: string } => {
	const sums = sumInvariants(cases);
	return {
		exercised:
			sums
				.filter(({ checks }) => checks > 0)
				.map(({ invariant, checks }) => `${invariant} ${checks}`)
				.join('; ') || 'none',
		idle:
			sums
				.filter(({ checks }) => checks === 0)
				.map(({ invariant }) => invariant)
				.join('; ') || 'none',
	};
};

/** The rows of the fault catalogue that were exercised, each with a letter for a phase of an update and a point for a hole. */
const listCoverage = (cases: readonly CaseRecord[]): string =>
	sumCoverage(cases)
		.filter(({ status }) => status === 'exercised')
		.map(describeCoverage)
		.join('; ') || 'none';

/** Facts of one suite, as names and values, for readers that show properties. */
export const listSuiteFacts = (
	run: RunRecord,
	{ target, cases, names }: { readonly target: string; readonly cases: readonly CaseRecord[]; readonly names: readonly string[] },
): (readonly [name: string, value: string])[] => {
	const { exercised, idle } = listInvariants(cases);
	const rigHash = readRigHash(run, cases);
	return [
		['seed', run.seed ?? cases.find((one) => one.seed !== undefined)?.seed ?? 'unknown'],
		['target', target],
		['options', JSON.stringify(run.options)],
		...(rigHash === undefined ? [] : [['rig-hash', rigHash] as const]),
		...Object.entries(run.versions).map(([name, version]) => [`version.${name}`, version] as const),
		['faults', formatFaults(sumFaults(cases))],
		['fault-coverage', listCoverage(cases)],
		['invariants-exercised', exercised],
		['invariants-not-exercised', idle],
		...cases.flatMap((one, index) =>
			one.campaigns.flatMap((campaign) => [
				[`campaign.${campaign.name}.plan.${names[index]}`, tellPlan(campaign)] as const,
				[`campaign.${campaign.name}.outcome.${names[index]}`, tellProgress(campaign)] as const,
			]),
		),
		...cases.flatMap((one, index) => (one.case === undefined ? [] : [[`case.${names[index]}`, one.case] as const])),
		...cases.flatMap((one, index) => (one.shrunk?.case === undefined ? [] : [[`shrunk.${names[index]}`, one.shrunk.case] as const])),
	];
};

/** The same facts about one case, as the lines that open its output: most readers never show properties. */
export const listCaseFacts = (run: RunRecord, { record, target }: { readonly record: CaseRecord; readonly target: string }): string[] => {
	const rigHash = readRigHash(run, [record]);
	const replay = replayLine(record);
	const started = record.case !== undefined;
	const { exercised, idle } = listInvariants([record]);
	return [
		`seed: ${record.seed ?? run.seed ?? 'unknown'}`,
		`target: ${target}`,
		...(replay === undefined ? [] : [`replay: ${replay}`]),
		...describeShrunk(record),
		`options: ${JSON.stringify(record.options ?? run.options)}`,
		...(rigHash === undefined ? [] : [`rig-hash: ${rigHash}`]),
		...(started ? [`virtual time: ${formatVirtualTime(record.virtualMs)}`, `faults: ${formatFaults(record.faults)}`] : []),
		...(started ? [`invariants exercised (checks): ${exercised}`, `invariants not exercised: ${idle}`] : []),
		...record.evidence.map(({ name, value }) => `evidence: ${name} = ${value}`),
		...record.campaigns.flatMap(describeCampaign),
		...listSchedule(record),
	];
};

const describeCampaign = (campaign: CampaignRecord): readonly string[] => [
	`campaign ${campaign.name}: ${tellPlan(campaign)}`,
	...tellWaves(campaign).map((line) => `  ${line}`),
	`  ${tellProgress(campaign)}`,
];

const listSchedule = ({ schedule, armed }: CaseRecord): string[] =>
	armed === 0 ? [] : [`fault schedule, ${armed} armed, the first of them:`, ...schedule.map((event) => `  ${tellEvent(event)}`)];
