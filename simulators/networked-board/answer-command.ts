import type { Life } from './life.js';
import { NETWORK_SETTINGS } from './life.js';
import { factorySettings } from './factory.js';

/** What becomes of a line that was typed: what is said, and whether the board restarts after it. */
export interface CommandAnswer {
	readonly lines: readonly string[];
	readonly act?: 'restart' | 'crash';
}

const ok = (...lines: readonly string[]): CommandAnswer => ({ lines: [...lines, 'ok'] });
const NAME = /^(?!net\.)[\w.-]{1,32}$/;
const VALUE = /^[\x21-\x7e]{0,64}$/;

/** The commands of the firmware's console; README.md lists them. */
export const answerCommand = (line: string, { life, name }: { readonly life: Life; readonly name: string }): CommandAnswer => {
	const { device } = life;
	const [command = '', ...words] = line.trim().split(/\s+/);
	switch (command) {
		case '':
			return { lines: [] };
		case 'version':
			return ok(`version ${device.running?.version}`);
		case 'digest':
			return ok(`digest ${device.running?.digest}`);
		case 'state':
			return ok(`state ${life.isConfirmed ? 'confirmed' : 'trial'} job=${device.state} nonce=${life.nonce}`);
		case 'dump':
			return ok(...Object.entries(ownSettings(life)).map(([key, value]) => `setting ${key}=${value}`));
		case 'set': {
			const [key = '', value = ''] = words;
			if (!NAME.test(key) || !VALUE.test(value) || words.length > 2) return { lines: ['error usage: set NAME VALUE'] };
			return write(life, { ...life.settings, [key]: value });
		}
		case 'defaults':
			return write(life, { ...factorySettings(name), ...networkSettings(life) });
		case 'net': {
			if (words.length === 0) {
				const { [NETWORK_SETTINGS.host]: host = 'none', [NETWORK_SETTINGS.port]: port = '0' } = life.settings;
				return ok(`net ${host}:${port} as ${device.id}${device.agent?.connected ? ' connected' : ''}`);
			}
			const [host = '', port = '', client = '', secret = ''] = words;
			if (words.length !== 4 || !/^\d{1,5}$/.test(port)) return { lines: ['error usage: net HOST PORT CLIENT SECRET'] };
			const { host: hostKey, port: portKey, client: clientKey, secret: secretKey } = NETWORK_SETTINGS;
			return write(life, { ...life.settings, [hostKey]: host, [portKey]: port, [clientKey]: client, [secretKey]: secret });
		}
		case 'reboot':
			return { lines: ['rebooting'], act: 'restart' };
		case 'crash':
			return { lines: ['panic: crash was asked for'], act: 'crash' };
		default:
			return { lines: [`error unknown command ${command.slice(0, 20)}`] };
	}
};

const isOfNetwork = (key: string): boolean => key.startsWith('net.');

const ownSettings = ({ settings }: Life): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(settings).filter(([key]) => !isOfNetwork(key)));

const networkSettings = ({ settings }: Life): Readonly<Record<string, string>> =>
	Object.fromEntries(Object.entries(settings).filter(([key]) => isOfNetwork(key)));

const write = (life: Life, settings: Readonly<Record<string, string>>): CommandAnswer => {
	try {
		life.device.settings.write(settings, 1);
	} catch (error) {
		return { lines: [`error ${(error as Error).message}`] };
	}
	return ok();
};
