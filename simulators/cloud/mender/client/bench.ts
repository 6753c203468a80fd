import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DeviceDeployment, type MenderArtifact, packMenderArtifact } from '../../../../harness/protocols/mender/index.js';
import { type Clock, createRandom } from '../../../../harness/time/index.js';
import { createArtifact } from '../../artifacts/index.js';
import { judgeTruth, openCuttingProxy, PeerProcess } from '../../peer/index.js';
import { type MenderAccount, type MenderServer, openMenderServer } from '../index.js';
import { shortenMinute } from './shorten-minute.js';

export const OLD_IMAGE = Buffer.alloc(1_500_000, 0xff);
export const NEW_IMAGE = Buffer.from(createRandom('new image').bytes(1_500_000));
export const DEVICE_TYPE = 'bench-board';
const IDENTITY = '{"serial":"dev1"}';
const PROGRAM = '/usr/bin/mender';
const JOB_STATUS: Partial<Record<DeviceDeployment['status'], 'SUCCEEDED' | 'FAILED' | 'CANCELED'>> = {
	success: 'SUCCEEDED',
	failure: 'FAILED',
	aborted: 'CANCELED',
};

export interface BenchOptions {
	readonly folder: string;
	readonly clock: Clock;
	/** Whether the client keeps its minute before it resumes. */
	readonly asShipped: boolean;
	/** Whether the client makes a key of its own, an RSA one, in place of one of P-256 that it is given. */
	readonly makesItsKey?: boolean | undefined;
}

/** A server, and Debian's mender-client as a device of it, with its folders mounted in a namespace of its own. */
export class Bench {
	readonly server: MenderServer;
	readonly signer = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	/** Links of the client's that are still to be cut, each once so many bytes have come over it. */
	readonly cuts: number[] = [];
	readonly account: MenderAccount;
	deployment: DeviceDeployment | undefined;
	readonly #options: BenchOptions;
	readonly #process: PeerProcess;
	#port = 0;

	constructor(server: MenderServer, options: BenchOptions) {
		this.server = server;
		this.account = server.devices.account(IDENTITY);
		this.#options = options;
		this.#process = new PeerProcess({ logFile: join(options.folder, 'mender.log'), clock: options.clock });
	}

	get slotFile(): string {
		return join(this.#options.folder, 'slot', 'slot.img');
	}

	/** Publishes an artifact under its name and deploys it to the device. `as` is what the server says whom it is for. */
	deploy(artifact: MenderArtifact, { signer, as = artifact.deviceTypes }: { readonly signer?: KeyObject; readonly as?: readonly string[] } = {}): void {
		const bytes = packMenderArtifact(artifact, signer ? { signer } : {});
		const filename = `${artifact.artifactName}.mender`;
		this.server.publish(artifact.artifactName, [{ deviceTypes: as, artifact: createArtifact(filename, bytes) }]);
		this.deployment = this.server.deploy(this.account, { artifactName: artifact.artifactName });
	}

	/** The new image for the update module that writes one file. */
	image({ deviceTypes = [DEVICE_TYPE] }: { readonly deviceTypes?: readonly string[] } = {}): MenderArtifact {
		const file = (name: string, text: string) => ({ name, bytes: Buffer.from(text) });
		const files = [
			file('dest_dir', join(this.#options.folder, 'slot')),
			file('filename', 'slot.img'),
			file('permissions', '644'),
			{ name: 'slot.img', bytes: NEW_IMAGE },
		];
		return { artifactName: 'release-2', deviceTypes, payloadType: 'single-file', files };
	}

	/** Deploys an update that is a script, of which nothing is undone where it fails: it writes the new image or nothing, and ends with a code. */
	async deployScript({ writes, code }: { readonly writes: boolean; readonly code: number }): Promise<void> {
		const { folder } = this.#options;
		await writeFile(join(folder, 'new.img'), NEW_IMAGE);
		const text = ['#!/bin/sh', ...(writes ? [`cp ${folder}/new.img ${this.slotFile}`] : []), `exit ${code}`, '#'.repeat(8192)].join('\n');
		const files = [{ name: 'update.sh', bytes: Buffer.from(text) }];
		this.deploy({ artifactName: 'release-2', deviceTypes: [DEVICE_TYPE], payloadType: 'script', files }, { signer: this.signer.privateKey });
	}

	async start(): Promise<void> {
		const { folder } = this.#options;
		const config = {
			ServerURL: `http://127.0.0.1:${this.#port}`,
			ArtifactVerifyKey: join(folder, 'artifact-key.pem'),
			UpdatePollIntervalSeconds: 1,
			InventoryPollIntervalSeconds: 1,
			RetryPollIntervalSeconds: 1,
		};
		await writeFile(join(folder, 'mender.conf'), JSON.stringify(config));
		const mounts = `mount --bind ${folder}/identity /usr/share/mender/identity && mount --bind ${folder}/etc /etc/mender`;
		const client = `exec ${folder}/mender --no-syslog --config ${folder}/mender.conf --fallback-config ${folder}/none --data ${folder}/data daemon`;
		this.#process.start({ command: 'unshare', args: ['--mount', 'sh', '-c', `${mounts} && ${client}`] });
	}

	stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
		return this.#process.stop(signal);
	}

	async slot(): Promise<'old' | 'new' | 'neither'> {
		const bytes = await readFile(this.slotFile);
		return bytes.equals(OLD_IMAGE) ? 'old' : bytes.equals(NEW_IMAGE) ? 'new' : 'neither';
	}

	/** What the invariant `truthful` finds, now. */
	async untruths(): Promise<readonly string[]> {
		const status = this.deployment && JOB_STATUS[this.deployment.status];
		return judgeTruth({ oldImage: OLD_IMAGE, newImage: NEW_IMAGE, slot: await readFile(this.slotFile), status });
	}

	/** Waits until the client has written so much of the new image to where it unpacks. */
	async untilUnpacked(sizeBytes: number): Promise<void> {
		const { folder, clock } = this.#options;
		const file = join(folder, 'data', 'modules', 'v3', 'payloads', '0000', 'tree', 'files', 'slot.img');
		const sizeNow = () =>
			stat(file)
				.then(({ size }) => size)
				.catch(() => 0);
		for (const endMs = clock.nowMs + 30_000; (await sizeNow()) < sizeBytes; await clock.sleep(20))
			if (clock.nowMs > endMs) throw new Error(`the client to unpack ${sizeBytes} bytes: not within 30000 ms`);
	}

	until(condition: () => boolean, label: string): Promise<void> {
		return this.#options.clock.until(condition, { withinMs: this.#options.asShipped ? 300_000 : 45_000, label });
	}

	untilEnded(): Promise<void> {
		return this.until(() => this.deployment?.isFinished ?? false, 'the deployment to end');
	}

	/** The log that the client sends behind a failure. */
	async failureLog(): Promise<string> {
		await this.until(() => (this.deployment?.log.length ?? 0) > 0, 'the log of a failure');
		return this.deployment?.log.map(({ message }) => message).join('\n') ?? '';
	}

	/** The bytes that downloads began at, in order; whole ones are 0. */
	get downloadsFrom(): number[] {
		return this.server.calls.filter(({ path }) => path.startsWith('/download/')).map(({ range }) => Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0));
	}

	/** Puts the client's files into the folder, and the fault proxy between it and the server. */
	async prepare(): Promise<AsyncDisposable> {
		const { folder, asShipped, makesItsKey = false } = this.#options;
		for (const name of ['identity', 'etc', 'data', 'slot']) await mkdir(join(folder, name));
		const program = await readFile(PROGRAM);
		await writeFile(join(folder, 'mender'), asShipped ? program : (shortenMinute(program) ?? program));
		await chmod(join(folder, 'mender'), 0o755);
		await writeFile(join(folder, 'identity', 'mender-device-identity'), '#!/bin/sh\necho serial=dev1\n');
		await chmod(join(folder, 'identity', 'mender-device-identity'), 0o755);
		await writeFile(join(folder, 'etc', 'artifact_info'), 'artifact_name=release-1\n');
		await writeFile(join(folder, 'data', 'device_type'), `device_type=${DEVICE_TYPE}\n`);
		await writeFile(join(folder, 'artifact-key.pem'), this.signer.publicKey.export({ type: 'spki', format: 'pem' }));
		const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
		if (!makesItsKey) await writeFile(join(folder, 'data', 'mender-agent.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
		await writeFile(this.slotFile, OLD_IMAGE);
		const proxy = await openCuttingProxy({ port: this.server.port, cuts: this.cuts, clock: this.#options.clock });
		this.#port = proxy.port;
		return proxy;
	}
}

export const withBench = async (options: BenchOptions, use: (bench: Bench) => Promise<void>): Promise<void> => {
	await using server = await openMenderServer({ clock: options.clock });
	const bench = new Bench(server, options);
	await using _proxy = await bench.prepare();
	try {
		await use(bench);
	} finally {
		await bench.stop();
	}
};
