import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { messageOf } from '../deadline.js';
import { PowerError } from './power-error.js';

export interface HttpCall {
	/** `plug-3.lab` or `10.0.0.7:8080`. */
	readonly host: string;
	readonly path: string;
	readonly signal: AbortSignal;
	/** Sent as JSON by POST; GET without. */
	readonly body?: object;
	/** Answers a challenge with Basic or Digest, whichever the device asks for. */
	readonly login?: { readonly username: string; readonly password: string } | undefined;
}

interface Answer {
	readonly status: number;
	readonly challenge: string | undefined;
	readonly text: string;
}

const LONGEST_ANSWER_BYTES = 256 * 1024;

/** What a device answers, as JSON. Rejects with a PowerError whose message never holds a password. */
export const requestJson = async (call: HttpCall): Promise<unknown> => {
	let answer = await exchange(call, undefined);
	if (answer.status === 401 && answer.challenge !== undefined && call.login !== undefined) answer = await exchange(call, authorize(answer.challenge, call));
	const { status, text } = answer;
	const where = `http://${call.host}${call.path.split('?')[0]}`;
	if (status === 401 || status === 403) throw new PowerError('refused', `${where}: the login was refused (${status})`);
	if (status < 200 || status > 299) throw new PowerError('refused', `${where}: status ${status}: ${text.slice(0, 200)}`);
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new PowerError('refused', `${where}: JSON was expected, came ${JSON.stringify(text.slice(0, 200))}`, { cause: error });
	}
};

const exchange = ({ host, path, signal, body }: HttpCall, authorization: string | undefined): Promise<Answer> =>
	new Promise((resolve, reject) => {
		const fail = (error: unknown): void =>
			reject(signal.aborted ? signal.reason : new PowerError('unreachable', `http://${host}: ${messageOf(error)}`, { cause: error }));
		const content = body === undefined ? undefined : JSON.stringify(body);
		const sent = request(`http://${host}${path}`, {
			method: content === undefined ? 'GET' : 'POST',
			signal,
			agent: false,
			headers: {
				...(content === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
				...(authorization === undefined ? {} : { authorization }),
			},
		});
		sent.on('error', fail);
		sent.on('response', (response) => {
			let text = '';
			response.setEncoding('utf8');
			response.on('data', (chunk: string) => {
				text += chunk;
				if (text.length > LONGEST_ANSWER_BYTES) response.destroy(new Error(`an answer of more than ${LONGEST_ANSWER_BYTES} bytes`));
			});
			response.on('error', fail);
			response.on('end', () => resolve({ status: response.statusCode ?? 0, challenge: response.headers['www-authenticate'], text }));
		});
		sent.end(content);
	});

const authorize = (challenge: string, { path, body, login }: HttpCall): string => {
	const { username, password } = login ?? { username: '', password: '' };
	if (!/^digest/i.test(challenge)) return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
	const field = (name: string): string => new RegExp(`\\b${name}="?([^",]*)`).exec(challenge)?.[1] ?? '';
	const [realm, nonce] = [field('realm'), field('nonce')];
	const algorithm = field('algorithm') || 'MD5';
	const hash = (text: string): string =>
		createHash(/sha-256/i.test(algorithm) ? 'sha256' : 'md5')
			.update(text)
			.digest('hex');
	const cnonce = randomBytes(8).toString('hex');
	const method = body === undefined ? 'GET' : 'POST';
	// RFC 7616, 3.4.1: response = H(H(A1):nonce:nc:cnonce:qop:H(A2)).
	const response = hash(`${hash(`${username}:${realm}:${password}`)}:${nonce}:00000001:${cnonce}:auth:${hash(`${method}:${path}`)}`);
	return `Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${path}", algorithm=${algorithm}, qop=auth, nc=00000001, cnonce="${cnonce}", response="${response}"`;
};
