import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { nearestName } from '../../harness/text/index.js';
import { inspectYaml } from '../../harness/text/yaml/index.js';
import type { BoardType } from './board-type-schema.js';
import { findTypeFile, listBuiltInTypes, parseBoardType } from './board-types.js';
import { checkBoard } from './check-board.js';
import { checkRig } from './check-rig.js';
import { resolveBoard } from './resolve-board.js';
import type { RigFile } from './rig-file.js';
import { RigFileError, type RigFileProblem } from './rig-file-error.js';
import { type BoardData, boardSchema, type RigData, rigSchema } from './rig-schema.js';

export interface RigFileOptions {
	/** Of the rig file: what it names lies beside it, and problems are told with it. */
	readonly path: string;
	/** Where secrets are looked up; that of the process by default. */
	readonly environment?: Readonly<Record<string, string | undefined>>;
	/** From where a relative path is meant; that of the process by default. */
	readonly directory?: string;
}

const SECRET_KEYS = ['password', 'env', 'secret'];
/** Where boards that are processes of this machine find the service. */
const LOOPBACK = { host: '127.0.0.1', port: 0 } as const;

/** Reads a rig file from the disk; throws as `parseRigFile` does, and the error of the file system where it cannot be read. */
export const openRigFile = (path: string, options: Omit<RigFileOptions, 'path'> = {}): RigFile =>
	parseRigFile(readFileSync(resolve(options.directory ?? '.', path), 'utf8'), { ...options, path });

/** Reads a rig file and the board types it names; throws a RigFileError that tells every problem by file, line and key. */
export const parseRigFile = (text: string, { path, environment = process.env, directory = '.' }: RigFileOptions): RigFile => {
	const rigPath = resolve(directory, path);
	const inspected = inspectYaml(text, { schema: rigSchema, whole: 'rig file', secretKeys: SECRET_KEYS, refuseBooleanWords: true });
	const parts = partsOf(inspected.raw);
	const types = new TypeShelf({ rigPath, shownPath: path });
	const wrong = [
		...checkRig(parts, { environment }),
		...[...parts.types].flatMap(([board, type]) => types.problemOf(type, { path: ['boards', board, 'type'] })),
		...[...parts.boards].flatMap(([board, { backend, type }]) => (backend === 'qemu' ? types.lackOfQemu(type, { path: ['boards', board, 'type'] }) : [])),
	];
	const own = [...inspected.problems, ...wrong.map(inspected.locate)]
		.map((problem) => ({ file: path, ...problem }))
		.sort((one, other) => one.line - other.line);
	const problems = [...own, ...types.problems];
	if (problems.length > 0 || inspected.data === undefined) throw new RigFileError(problems);
	const { rig, description, boards, groups, broker, service, gpio } = inspected.data;
	const specs = Object.entries(boards).map(([name, data]) => resolveBoard(name, { data, type: types.get(data.type), folder: dirname(rigPath) }));
	const crossed = specs.flatMap(checkBoard).map((found) => ({ file: path, ...inspected.locate(found) }));
	if (crossed.length > 0) throw new RigFileError(crossed);
	return {
		path,
		name: rig,
		description,
		sha256: digestOf([text, ...types.texts]),
		boards: specs,
		groups,
		broker,
		service: service ?? (specs.some(({ backend, type }) => backend !== 'real' && type.network !== undefined) ? LOOPBACK : undefined),
		gpio,
	};
};

/** Each text with its length before it, so that no two lists of texts give the same. */
const digestOf = (texts: readonly string[]): string => {
	const hash = createHash('sha256');
	for (const text of texts) hash.update(`${Buffer.byteLength(text)}\n`).update(text);
	return hash.digest('hex');
};

/** The boards that are right by themselves, so that one wrong key does not hide what is wrong elsewhere. */
const partsOf = (raw: unknown) => {
	const rig = (typeof raw === 'object' && raw !== null ? raw : {}) as Readonly<Record<string, unknown>>;
	const given = typeof rig['boards'] === 'object' && rig['boards'] !== null ? Object.entries(rig['boards']) : [];
	const boards = new Map<string, BoardData>();
	const types = new Map<string, string>();
	for (const [name, board] of given) {
		const { data } = boardSchema.safeParse(board);
		if (data !== undefined) boards.set(name, data);
		const type = boardSchema.shape.type.safeParse((board as { readonly type?: unknown } | null)?.type).data;
		if (type !== undefined) types.set(name, type);
	}
	const groups: RigData['groups'] = rigSchema.shape.groups.safeParse(rig['groups']).data ?? {};
	const broker: RigData['broker'] = rigSchema.shape.broker.safeParse(rig['broker']).data;
	return { boards, types, groups, broker, boardNames: given.map(([name]) => name) };
};

/** The board types of one rig file, each read once. */
class TypeShelf {
	readonly problems: RigFileProblem[] = [];
	readonly texts: string[] = [];
	readonly #rigPath: string;
	readonly #shownPath: string;
	readonly #types = new Map<string, BoardType | undefined>();

	constructor({ rigPath, shownPath }: { readonly rigPath: string; readonly shownPath: string }) {
		this.#rigPath = rigPath;
		this.#shownPath = shownPath;
	}

	/** What is wrong with how a board names its type; what is wrong inside the type is kept with `problems`. */
	problemOf(type: string, { path }: { readonly path: readonly string[] }): readonly { readonly path: readonly string[]; readonly message: string }[] {
		const file = findTypeFile(type, { rigPath: this.#rigPath });
		if (file === undefined) {
			const known = listBuiltInTypes();
			const near = nearestName(type, known);
			const message = `a built-in board type (${known.join(', ')}) or the path of one (./types/${basename(type)}.yaml) was expected, got '${type}'${near === undefined ? '' : `; did you mean ${near}?`}`;
			return [{ path, message }];
		}
		if (this.#types.has(type)) return [];
		let text: string;
		try {
			text = readFileSync(file, 'utf8');
		} catch (error) {
			return [{ path, message: `the file of a board type was expected, ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}` }];
		}
		const shown = file === resolve(dirname(this.#rigPath), type) ? join(dirname(this.#shownPath), type) : file;
		const parsed = parseBoardType(text, { file: shown, path: file });
		this.#types.set(type, parsed.type);
		this.texts.push(text);
		this.problems.push(...parsed.problems);
		return [];
	}

	/** What is wrong with a type whose board is to run in QEMU. */
	lackOfQemu(type: string, { path }: { readonly path: readonly string[] }): readonly { readonly path: readonly string[]; readonly message: string }[] {
		const known = this.#types.get(type);
		if (known === undefined || known.qemu !== undefined) return [];
		return [{ path, message: `a type with a machine for backend qemu was expected (qemu: { machine: virt-uboot }), ${type} names none` }];
	}

	get(type: string): BoardType {
		const found = this.#types.get(type);
		if (found === undefined) throw new Error(`the board type ${type} was expected to have been read`);
		return found;
	}
}
