import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DoorTls } from './tcp-door.js';

/** A mosquitto of this machine, on a port of the loopback of its own, that checks who its things are and keeps them to their topics. */
export interface Mosquitto extends AsyncDisposable {
	readonly port: number;
	/** Of its process. */
	readonly processId: number;
	/** Who the update service is there; over TLS its certificate has to bear that name. */
	readonly service: { readonly username: string; readonly password: string };
	/** Lets a thing in with that secret, within milliseconds. Over TLS it is its certificate that lets it in, and this does nothing. */
	admit(thing: string, password: string): void;
	/** From now on it shows and demands something else; connections stay. Resolves when that holds. */
	changeTls(tls: DoorTls): Promise<void>;
}

/** The name of the update service at a mosquitto. */
export const SERVICE_NAME = 'blackstart-service';

const PROGRAM = (): string => process.env.BLACKSTART_MOSQUITTO ?? 'mosquitto';
const PATH = (): string => `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`;
const LEAST_MAJOR = 2;
const START_WITHIN_MS = 5_000;
const STOP_WITHIN_MS = 3_000;
const MOST_STARTS = 5;

/** Why there is none on this machine, for people; null: there is one. */
export const whyNoMosquitto = async (): Promise<string | null> => {
	const told = await new Promise<string>((resolve) => {
		// It shows its help with exit code 3.
		execFile(PROGRAM(), ['-h'], { timeout: START_WITHIN_MS, env: { ...process.env, PATH: PATH() } }, (_error, stdout) => resolve(stdout));
	});
	const [, version, major] = /mosquitto version ((\d+)\.\S+)/.exec(told) ?? [];
	if (version === undefined) return `${PROGRAM()} is not here (Debian: apt-get install mosquitto)`;
	return Number(major) < LEAST_MAJOR ? `mosquitto ${LEAST_MAJOR} or newer was expected, ${version} is here` : null;
};

/**
 * Starts one; its files lie in a folder of their own that only this user reads, and are gone with it. It ends when this process does.
 * With `tls` it takes whom a certificate names, and nobody else.
 */
export const openMosquitto = async ({ tls }: { readonly tls?: DoorTls } = {}): Promise<Mosquitto> => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-mosquitto-'));
	const service = { username: SERVICE_NAME, password: randomBytes(18).toString('base64url') };
	const accounts = new Map([[service.username, hashPassword(service.password)]]);
	const writeAccounts = (): void =>
		writeFileSync(join(folder, 'passwords'), [...accounts].map(([name, hash]) => `${name}:${hash}\n`).join(''), { mode: 0o600 });
	try {
		writeAccounts();
		writeFileSync(join(folder, 'topics'), TOPICS, { mode: 0o600 });
		if (tls !== undefined) writeTls(folder, tls);
		const { port, child, processId } = await startAnywhere({ folder, tls: tls !== undefined });
		let reloading: NodeJS.Immediate | undefined;
		return {
			port,
			processId,
			service,
			changeTls: async (changed) => {
				writeTls(folder, changed);
				const reloaded = untilSaid(child, RELOADED);
				process.kill(processId, 'SIGHUP');
				await reloaded;
			},
			admit: (thing, password) => {
				if (tls !== undefined) return;
				accounts.set(thing, hashPassword(password));
				reloading ??= setImmediate(() => {
					reloading = undefined;
					writeAccounts();
					process.kill(processId, 'SIGHUP');
				});
			},
			[Symbol.asyncDispose]: async () => {
				clearImmediate(reloading);
				await stop(child);
				rmSync(folder, { recursive: true, force: true });
			},
		};
	} catch (error) {
		rmSync(folder, { recursive: true, force: true });
		throw error;
	}
};

/** The service everywhere, a thing below its own topics. */
const TOPICS = `user ${SERVICE_NAME}
topic readwrite $aws/#
topic readwrite blackstart/#
pattern readwrite $aws/things/%u/#
pattern readwrite blackstart/things/%u/#
`;

const TLS_FILES = { cafile: 'authority.pem', certfile: 'broker.pem', keyfile: 'broker.key', crlfile: 'revocations.pem' } as const;

const writeTls = (folder: string, { certificate, key, clientAuthority, revocations = '' }: DoorTls): void => {
	const texts = { cafile: clientAuthority, certfile: certificate, keyfile: key, crlfile: revocations };
	for (const name of ['cafile', 'certfile', 'keyfile', 'crlfile'] as const) writeFileSync(join(folder, TLS_FILES[name]), texts[name], { mode: 0o600 });
};

/** As mosquitto_passwd writes it: PBKDF2 with SHA-512, `$7$rounds$salt$hash`. */
const hashPassword = (password: string): string => {
	const salt = randomBytes(12);
	const hash = pbkdf2Sync(password, salt, ROUNDS, 64, 'sha512');
	return `$7$${ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}`;
};
const ROUNDS = 101;

interface Started {
	readonly port: number;
	readonly child: ChildProcess;
	/** Mosquitto's own. */
	readonly processId: number;
}

/** It takes no port 0: a free one is looked up, and another where somebody else was faster. */
const startAnywhere = async (options: { readonly folder: string; readonly tls: boolean }): Promise<Started> => {
	for (let attempt = 1; ; attempt++) {
		const port = await findFreePort();
		try {
			return { port, ...(await start({ ...options, port })) };
		} catch (error) {
			if (attempt === MOST_STARTS || !(error as Error).message.includes('Address already in use')) throw error;
		}
	}
};

const start = ({ folder, port, tls }: { readonly folder: string; readonly port: number; readonly tls: boolean }): Promise<Omit<Started, 'port'>> => {
	const config = join(folder, 'mosquitto.conf');
	writeFileSync(
		config,
		[
			`listener ${port} 127.0.0.1`,
			...(tls
				? [...Object.entries(TLS_FILES).map(([name, file]) => `${name} ${join(folder, file)}`), 'require_certificate true', 'use_identity_as_username true']
				: []),
			'allow_anonymous false',
			`password_file ${join(folder, 'passwords')}`,
			`acl_file ${join(folder, 'topics')}`,
			'persistence false',
			'set_tcp_nodelay true',
			'max_queued_messages 10000',
			// Started by root it would become a user that cannot read the folder.
			'user root',
			'log_dest stderr',
			...['error', 'warning', 'notice', 'information'].map((type) => `log_type ${type}`),
			'',
		].join('\n'),
	);
	// The shell ends it when our end of its input closes, however this process ends.
	const child = spawn('/bin/sh', ['-c', '"$0" -c "$1" <&- & echo $!; read -r _; kill $!; wait $!', PROGRAM(), config], {
		env: { ...process.env, PATH: PATH() },
		stdio: ['pipe', 'pipe', 'pipe'],
	});
	return new Promise((resolve, reject) => {
		let heard = '';
		let processId = Number.NaN;
		// What it says later on is of its clients, and is let go.
		const settle = (): void => {
			clearTimeout(timer);
			child.stderr?.off('data', listen).resume();
		};
		const fail = (why: string): void => {
			settle();
			child.stdin?.end();
			reject(new Error(`mosquitto: ${why}; it said: ${heard.trim() || 'nothing'}`));
		};
		const timer = setTimeout(() => fail(`not running after ${START_WITHIN_MS} ms`), START_WITHIN_MS);
		child.once('error', ({ message }) => fail(message));
		child.stdout?.once('data', (bytes: Buffer) => {
			processId = Number(bytes.toString().trim());
		});
		const listen = (bytes: Buffer): void => {
			heard = `${heard}${bytes}`.slice(-MOST_HEARD);
			if (/\brunning\b/.test(heard)) {
				settle();
				resolve({ child, processId });
			} else if (/error/i.test(heard)) setImmediate(fail, 'it did not start');
		};
		child.stderr?.on('data', listen);
	});
};

const MOST_HEARD = 4_000;
const RELOADED = /Reloading config/;
const RELOAD_WITHIN_MS = 3_000;

/** Resolves when it has said so; rejects where it does not. */
const untilSaid = (child: ChildProcess, pattern: RegExp): Promise<void> =>
	new Promise((resolve, reject) => {
		let heard = '';
		const done = (error?: Error): void => {
			clearTimeout(timer);
			child.stderr?.off('data', listen);
			child.off('exit', onExit);
			if (error) reject(error);
			else resolve();
		};
		const listen = (bytes: Buffer): void => {
			heard = `${heard}${bytes}`.slice(-MOST_HEARD);
			if (pattern.test(heard)) done();
		};
		const onExit = (): void => done(new Error(`mosquitto: it ended; it said: ${heard.trim() || 'nothing'}`));
		const timer = setTimeout(() => done(new Error(`mosquitto: ${pattern} was not said in ${RELOAD_WITHIN_MS} ms`)), RELOAD_WITHIN_MS);
		child.stderr?.on('data', listen);
		child.once('exit', onExit);
	});

const stop = (child: ChildProcess): Promise<void> =>
	new Promise((resolve) => {
		if (child.exitCode !== null || child.signalCode !== null) return resolve();
		const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
		child.once('exit', () => {
			clearTimeout(timer);
			resolve();
		});
		child.stdin?.end();
	});

const findFreePort = (): Promise<number> =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen({ host: '127.0.0.1', port: 0 }, () => {
			const address = server.address();
			server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
		});
	});
