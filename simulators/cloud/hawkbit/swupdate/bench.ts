import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DdiAction, DdiActionState } from '../../../../harness/protocols/hawkbit-ddi/index.js';
import type { Clock } from '../../../../harness/time/index.js';
import { createArtifact } from '../../artifacts/index.js';
import { judgeTruth, openCuttingProxy, PeerProcess } from '../../peer/index.js';
import { type HawkbitServer, openHawkbit } from '../index.js';
import { makeSwu } from './make-swu.js';

export const OLD_IMAGE = Buffer.alloc(3_000_000, 0xff);
export const NEW_IMAGE = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 31) ^ (index >> 9)));
const TOKEN = 'a1b2c3d4e5f6';
const DEVICE = 'dev1';
const STATUS: Partial<Record<DdiActionState, 'SUCCEEDED' | 'FAILED' | 'CANCELED'>> = { finished: 'SUCCEEDED', error: 'FAILED', canceled: 'CANCELED' };

/** A server with one update for one device, and swupdate as that device. */
export class Bench {
	readonly server: HawkbitServer;
	readonly action: DdiAction;
	/** Links of swupdate's that are still to be cut, each once so many bytes have come over it. */
	readonly cuts: number[] = [];
	readonly #folder: string;
	readonly #clock: Clock;
	#port = 0;
	readonly #process: PeerProcess;

	constructor(parts: { readonly server: HawkbitServer; readonly action: DdiAction; readonly folder: string; readonly clock: Clock }) {
		this.server = parts.server;
		this.action = parts.action;
		this.#folder = parts.folder;
		this.#clock = parts.clock;
		this.#process = new PeerProcess({ logFile: join(parts.folder, 'swupdate.log'), clock: parts.clock });
	}

	/** Starts swupdate; `outcome` is what its bootloader would tell it of the update that it restarts from. */
	async start({
		hardware = 'feas:1.0',
		token = TOKEN,
		outcome,
	}: {
		readonly hardware?: string;
		readonly token?: string;
		readonly outcome?: 'success' | 'failure';
	} = {}): Promise<void> {
		await mkdir(join(this.#folder, 'tmp'), { recursive: true });
		const confirm = outcome === undefined ? '' : outcome === 'success' ? ' -c 2' : ' -c 3';
		const suricatta = `-t DEFAULT -u http://127.0.0.1:${this.#port} -i ${DEVICE} -k ${token} -p 1 -r 5 -w 1${confirm}`;
		const args = ['-l', '4', '-k', join(this.#folder, 'sign.crt'), '-H', hardware, '-e', 'stable,copy2', '-u', suricatta];
		this.#process.start({ command: 'swupdate', args, env: { TMPDIR: join(this.#folder, 'tmp') } });
	}

	async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
		await this.#process.stop(signal);
	}

	/** What the invariant `truthful` finds, now. */
	async untruths(): Promise<readonly string[]> {
		return judgeTruth({ oldImage: OLD_IMAGE, newImage: NEW_IMAGE, slot: await readFile(join(this.#folder, 'slot.img')), status: STATUS[this.action.state] });
	}

	async slot(): Promise<'old' | 'new' | 'neither'> {
		const bytes = await readFile(join(this.#folder, 'slot.img'));
		return bytes.equals(OLD_IMAGE) ? 'old' : bytes.equals(NEW_IMAGE) ? 'new' : 'neither';
	}

	until(condition: () => boolean, label: string): Promise<void> {
		return this.#clock.until(condition, { withinMs: 60_000, label });
	}

	untilInstalled({ times = 1 }: { readonly times?: number } = {}): Promise<void> {
		return this.until(() => this.reports('All Chunks Installed') >= times, 'swupdate to have installed everything');
	}

	reports(text: string): number {
		return this.action.history.filter(({ messages }) => messages.some((message) => message.includes(text))).length;
	}

	/** The ranges that downloads began at, in order; whole ones are 0. */
	get downloadsFrom(): number[] {
		return this.server.calls.flatMap(({ method, path, range }) =>
			method === 'GET' && path.endsWith('.swu') ? [Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)] : [],
		);
	}

	/** Puts the fault proxy between swupdate and the server. */
	async openProxy(): Promise<AsyncDisposable> {
		const proxy = await openCuttingProxy({ port: this.server.port, cuts: this.cuts, clock: this.#clock });
		this.#port = proxy.port;
		return proxy;
	}
}

/** Opens a bench in a folder of its own that holds the signer. `wrongSha1`: the server promises another digest than the file has. */
export const withBench = async (
	{ folder, clock, wrongSha1 = false }: { readonly folder: string; readonly clock: Clock; readonly wrongSha1?: boolean },
	use: (bench: Bench) => Promise<void>,
): Promise<void> => {
	const slot = join(folder, 'slot.img');
	await writeFile(slot, OLD_IMAGE);
	const update = createArtifact('update.swu', await makeSwu(folder, { image: NEW_IMAGE, slot }));
	await using server = await openHawkbit({ clock, sleepMs: 1000 });
	server.addTarget(DEVICE, { token: TOKEN, wantsAttributes: false });
	const artifacts = [wrongSha1 ? { ...update, hashes: { ...update.hashes, sha1: '0'.repeat(40) } } : update];
	server.publish({ name: 'os:2', modules: [{ part: 'os', name: 'os', version: '2.0', artifacts }] });
	const bench = new Bench({ server, folder, clock, action: server.assign(DEVICE, { distribution: 'os:2' }) });
	await using _proxy = await bench.openProxy();
	try {
		await use(bench);
	} finally {
		await bench.stop();
	}
};
