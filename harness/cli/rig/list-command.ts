import type { CommandModule } from 'yargs';
import type { BoardSpec, RigFile, SerialAddress } from '../../../rigs/rig-file/index.js';
import { type Output, printResult } from '../image/index.js';
import { chooseRig, listRigFiles, readRigFile } from './choose-rig.js';
import { declareJson, declareRig, type RigArguments } from './rig-arguments.js';

interface ListArguments extends RigArguments {
	readonly json: boolean;
}

/** `rig list`: rigs, their boards and who has them. */
export const createListCommand = (output: Output, { directory }: { readonly directory: string }): CommandModule<object, ListArguments> => ({
	command: 'list',
	describe: 'List the boards of the rig, or of all rigs in rigs, and who has them',
	builder: (yargs) =>
		declareJson(declareRig(yargs))
			.example('$0 rig list', 'Rigs of this folder; the virtual one where there is none')
			.example('$0 rig list --rig rigs/bench.yaml --json', 'For machines'),
	handler: async ({ rig: typed, json }) => {
		const files = typed === undefined ? listRigFiles(directory) : [];
		const rigs = files.length > 1 ? await Promise.all(files.map((file) => readRigFile(file, { directory }))) : [(await chooseRig(typed, { directory })).rig];
		const { readBroken, readLease } = await import('../../../rigs/leases/index.js');
		const listed = rigs.map((rig) => ({
			rig,
			boards: rig.boards.map((board) => {
				const name = { rig: rig.name, board: board.name };
				return { board, broken: readBroken(name), lease: readLease(name) };
			}),
		}));
		const data = {
			rigs: listed.map(({ rig, boards }) => ({
				rig: rig.name,
				file: rig.path,
				sha256: rig.sha256,
				groups: rig.groups,
				boards: boards.map(({ board, broken, lease }) => ({ ...describeBoard(board), holder: lease?.holder ?? null, broken: broken ?? null })),
			})),
		};
		const text = listed.map(({ rig, boards }) => `${describeRig(rig)}\n${boards.map((entry) => formatBoard(entry)).join('\n')}`).join('\n\n');
		printResult(output, { asJson: json, data, text });
	},
});

const describeRig = ({ name, path, description, sha256 }: RigFile): string =>
	`${name}: ${path}${description === undefined ? '' : `, ${description}`} (SHA-256 ${sha256.slice(0, 12)}…)`;

const describeBoard = (board: BoardSpec) => ({
	board: board.name,
	type: board.type.type,
	backend: board.backend,
	console: describeAddress(board.console.address, board.backend),
	power: board.power?.driver ?? null,
	reset: board.lines.reset !== undefined,
	flasher: board.flasher?.tool ?? null,
	updates: board.updates,
	fixtures: board.fixtures,
});

const formatBoard = ({
	board,
	broken,
	lease,
}: {
	readonly board: BoardSpec;
	readonly broken: { readonly reason: string; readonly since: string } | undefined;
	readonly lease: { readonly holder: string } | undefined;
}): string => {
	const { type, backend, console, power, reset, flasher, updates, fixtures } = describeBoard(board);
	const has = [`console ${console}`, `power ${power ?? 'none'}`, ...(reset ? ['reset'] : []), ...(flasher === null ? [] : [`flasher ${flasher}`]), ...fixtures];
	const state = broken !== undefined ? `BROKEN since ${broken.since}: ${broken.reason}` : lease !== undefined ? `held by ${lease.holder}` : 'free';
	return [
		`  ${board.name}: ${type}${backend === 'real' ? '' : ` (${backend})`}, ${state}`,
		`    ${has.join(', ')}${updates.length === 0 ? '' : `; updates over ${updates.join(', ')}`}`,
	].join('\n');
};

const describeAddress = (address: SerialAddress, backend: BoardSpec['backend']): string => {
	if (address.kind === 'path') return address.path;
	return address.kind === 'backend' ? backend : `USB ${address.match.usbPath ?? address.match.serial}`;
};
