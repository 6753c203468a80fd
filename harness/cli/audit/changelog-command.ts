import type { Argv, CommandModule } from 'yargs';
import { type Changelog, type GroupChangelog, readChangelog, type VersionChange } from '../../campaign/audit/index.js';
import { type Output, printResult } from '../image/index.js';
import { declareTrail, type TrailArguments } from './trail-arguments.js';
import { describeBroken, readTrail } from './trail-file.js';

interface ChangelogArguments extends TrailArguments {
	readonly json: boolean;
}

/** `audit changelog`: which versions the devices of each group came to, and when; exit 1 for a trail that does not verify. */
export const createChangelogCommand = (output: Output): CommandModule<object, ChangelogArguments> => ({
	command: 'changelog <file>',
	describe: 'Show the versions of each device group over time',
	builder: (yargs: Argv<object>): Argv<ChangelogArguments> =>
		declareTrail(yargs)
			.option('json', { type: 'boolean', default: false, describe: 'One JSON object on standard output' })
			.example('$0 audit changelog audit.jsonl', 'One block for each case and group of devices: of the plan, or by hardware')
			.example('$0 audit changelog audit.jsonl --json', 'The same for a script'),
	handler: ({ file, seal, json }) => {
		const { verdict, entries } = readTrail(file, seal);
		if (!verdict.ok) {
			output.printAside(`broken, not read: ${file}: ${describeBroken(verdict)}`);
			output.setExitCode(1);
			return;
		}
		const groups = readChangelog(entries);
		printResult(output, { asJson: json, data: { file, groups }, text: renderChangelog(groups) });
		output.setExitCode(0);
	},
});

const renderChangelog = (groups: Changelog): string => (groups.length === 0 ? 'no device is in this trail' : groups.map(renderGroup).join('\n\n'));

const renderGroup = ({ scenario, title, group, hardware, changes, versions }: GroupChangelog): string => {
	const rows = changes.map((change) => [formatSpan(change), `${change.devices}`, describeChange(change)]);
	const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
	return [
		`${scenario} · ${title}`,
		`  ${group === undefined ? hardware : `${group} (${hardware})`}: ${versions.map(({ version, devices }) => `${version} on ${devices}`).join(', ')}`,
		...rows.map(([span = '', devices = '', what = '']) => `    ${span.padEnd(widths[0] as number)}  ${devices.padStart(widths[1] as number)}  ${what}`),
	].join('\n');
};

const describeChange = ({ kind, from, to }: VersionChange): string => {
	if (kind === 'provisioned') return `left the factory with ${to}`;
	if (kind === 'updated') return `${from} → ${to}`;
	return kind === 'gave-up' ? `tried ${to}, went back to ${from}` : `refused ${to}, stayed with ${from}`;
};

const formatSpan = ({ firstAt, lastAt }: VersionChange): string =>
	firstAt === lastAt ? formatTime(firstAt) : `${formatTime(firstAt)} to ${formatTime(lastAt)}`;

/** Virtual time as hours, minutes and seconds. */
const formatTime = (atMs: number): string => {
	const seconds = Math.floor(atMs / 1_000);
	const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
	return `${hours}:${String(minutes).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
};
