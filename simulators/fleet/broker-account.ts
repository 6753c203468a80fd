import { readFileSync } from 'node:fs';
import type { BrokerTls } from '../cloud/index.js';
import type { TlsClient } from '../network/index.js';

/**
 * Who the update service and devices are at a broker of the user's. It stands in the environment, never in an argument, which others on
 * the machine can read, nor in a case, which stands in reports.
 *
 * | variable | |
 * |---|---|
 * | `BLACKSTART_BROKER_USERNAME`, `_PASSWORD` | of the service |
 * | `BLACKSTART_BROKER_CA` | file, PEM: whose word is taken for the broker; the system's authorities by default |
 * | `BLACKSTART_BROKER_CERTIFICATE`, `_KEY` | files, PEM: what the service shows |
 * | `BLACKSTART_BROKER_THING_CERTIFICATE`, `_THING_KEY` | what devices show; `{thing}` stands for the device's name. By default what the service does |
 */
export const readAccount = (env: NodeJS.ProcessEnv = process.env): { readonly username?: string; readonly password?: string } => {
	const { BLACKSTART_BROKER_USERNAME: username, BLACKSTART_BROKER_PASSWORD: password } = env;
	if (username === undefined && password !== undefined)
		throw new TypeError('BLACKSTART_BROKER_PASSWORD: MQTT has no password without BLACKSTART_BROKER_USERNAME, which is missing');
	return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
};

/** What the service shows and believes at a broker over TLS. Throws a TypeError that names the variable. */
export const readServiceTls = (env: NodeJS.ProcessEnv = process.env): BrokerTls => {
	const authority = readPem('BLACKSTART_BROKER_CA', { env });
	return { ...readIdentity('', { env }), ...(authority === undefined ? {} : { authority }) };
};

/** What a device shows and believes there. */
export const readThingTls = (
	thing: string,
	{ serverName, env = process.env }: { readonly serverName: string; readonly env?: NodeJS.ProcessEnv },
): TlsClient => {
	const { certificate, key, authority } = readServiceTls(env);
	const own = readIdentity('THING_', { env, thing });
	return {
		serverName,
		...(authority === undefined ? {} : { authority }),
		...(own.certificate !== undefined ? own : { ...(certificate === undefined ? {} : { certificate }), ...(key === undefined ? {} : { key }) }),
	};
};

interface Source {
	readonly env: NodeJS.ProcessEnv;
	readonly thing?: string;
}

const readIdentity = (prefix: '' | 'THING_', source: Source): Pick<BrokerTls, 'certificate' | 'key'> => {
	const [certificateName, keyName] = [`BLACKSTART_BROKER_${prefix}CERTIFICATE`, `BLACKSTART_BROKER_${prefix}KEY`] as const;
	const certificate = readPem(certificateName, source);
	const key = readPem(keyName, source);
	if ((certificate === undefined) !== (key === undefined))
		throw new TypeError(
			`${certificate === undefined ? keyName : certificateName}: it goes with ${certificate === undefined ? certificateName : keyName}, which is missing`,
		);
	return certificate === undefined || key === undefined ? {} : { certificate, key };
};

const readPem = (name: string, { env, thing }: Source): string | undefined => {
	const path = env[name];
	if (path === undefined || path === '') return undefined;
	let text: string;
	try {
		text = readFileSync(thing === undefined ? path : path.replaceAll('{thing}', thing), 'utf8');
	} catch (cause) {
		throw new TypeError(`${name}: a file of PEM was expected: ${(cause as Error).message}`, { cause });
	}
	if (!text.includes('-----BEGIN ')) throw new TypeError(`${name}: a file of PEM was expected, ${path} holds none`);
	return text;
};
