import { connectAsync, type MqttClient } from 'mqtt';
import type { PowerState } from '../../../harness/ports/index.js';
import { messageOf } from '../deadline.js';
import { PowerError } from './power-error.js';
import type { BrokerOptions, PowerDriverOptions } from './power-options.js';
import type { PowerSwitch } from './power-switch.js';
import { stateOf } from './state-of.js';

type OptionsOf<Driver> = Extract<PowerDriverOptions, { readonly driver: Driver }>;

const CONNECT_WITHIN_MS = 5000;

interface Plug {
	readonly description: string;
	readonly listenTo: string;
	/** What turns it, and what makes it say its state. */
	readonly turn: (powered: boolean) => { readonly topic: string; readonly payload: string };
	readonly ask: { readonly topic: string; readonly payload: string };
	/** Undefined for a message that says nothing of the state. */
	readonly parse: (payload: string) => PowerState | undefined;
}

/** Orders and states of a plug over the rig's broker. What the plug says after the order counts; what it had said before does not. */
const openMqttPlug = async (plug: Plug, { broker, username, password }: BrokerOptions): Promise<PowerSwitch> => {
	const client = await connect(broker, { username, password });
	const waits = new Set<(state: PowerState) => void>();
	client.on('error', () => undefined);
	client.on('message', (_topic, payload, packet) => {
		// A retained message is what the plug was, at some time.
		const state = packet.retain ? undefined : plug.parse(payload.toString());
		if (state !== undefined) for (const wait of [...waits]) wait(state);
	});
	try {
		await client.subscribeAsync(plug.listenTo, { qos: 1 });
	} catch (error) {
		await client.endAsync(true);
		throw new PowerError('refused', `${plug.description}: ${broker} refuses ${plug.listenTo}: ${messageOf(error)}`, { cause: error });
	}
	const answerTo = ({ topic, payload }: Plug['ask'], signal: AbortSignal): Promise<PowerState> =>
		new Promise((resolve, reject) => {
			const end = (): void => {
				waits.delete(settle);
				signal.removeEventListener('abort', abort);
			};
			const settle = (state: PowerState): void => {
				end();
				resolve(state);
			};
			const abort = (): void => {
				end();
				reject(signal.reason);
			};
			if (signal.aborted) return reject(signal.reason);
			waits.add(settle);
			signal.addEventListener('abort', abort, { once: true });
			client.publish(topic, payload, { qos: 1 }, (error) => {
				if (error === undefined || error === null) return;
				end();
				reject(new PowerError('unreachable', `${plug.description}: ${messageOf(error)}`, { cause: error }));
			});
		});
	return {
		description: plug.description,
		set: async (powered, { signal }) => void (await answerTo(plug.turn(powered), signal)),
		read: ({ signal }) => answerTo(plug.ask, signal),
		[Symbol.asyncDispose]: () => client.endAsync(true),
	};
};

const connect = async (broker: string, login: { readonly username: string | undefined; readonly password: string | undefined }): Promise<MqttClient> => {
	const { username, password } = login;
	try {
		return await connectAsync(
			broker,
			{
				...(username === undefined ? {} : { username }),
				...(password === undefined ? {} : { password }),
				connectTimeout: CONNECT_WITHIN_MS,
				reconnectPeriod: 500,
			},
			false,
		);
	} catch (error) {
		throw new PowerError('unreachable', `MQTT broker ${broker}: ${messageOf(error)}`, { cause: error });
	}
};

/** `cmnd/TOPIC/POWER1` is answered on `stat/TOPIC/POWER1`, or `POWER` by a device with one output; an empty order asks. */
export const openTasmotaMqtt = ({ topic, channel, ...broker }: OptionsOf<'tasmota-mqtt'>): Promise<PowerSwitch> => {
	const description = `Tasmota plug ${topic} on ${broker.broker}, channel ${channel}`;
	const order = `cmnd/${topic}/POWER${channel}`;
	return openMqttPlug(
		{
			description,
			listenTo: `stat/${topic}/RESULT`,
			turn: (powered) => ({ topic: order, payload: powered ? 'ON' : 'OFF' }),
			ask: { topic: order, payload: '' },
			parse: (payload) => {
				const answer = parseJson(payload);
				const keys = [`POWER${channel}`, ...(channel === 1 ? ['POWER'] : [])];
				const key = keys.find((name) => typeof answer === 'object' && answer !== null && name in answer);
				return key === undefined ? undefined : stateOf(answer, { keys: [key], from: description });
			},
		},
		broker,
	);
};

/** First generation: `shellies/ID/relay/N` says `on` or `off`. Second: JSON-RPC on `ID/rpc`, answered on the topic that the request names. */
export const openShellyMqtt = ({ topic, channel, generation, ...broker }: OptionsOf<'shelly-mqtt'>): Promise<PowerSwitch> => {
	const description = `Shelly (${generation}) ${topic} on ${broker.broker}, channel ${channel}`;
	return openMqttPlug(generation === 'gen1' ? shellyGen1(topic, { channel, description }) : shellyGen2(topic, { channel, description }), broker);
};

const shellyGen1 = (topic: string, { channel, description }: { readonly channel: number; readonly description: string }): Plug => ({
	description,
	listenTo: `shellies/${topic}/relay/${channel}`,
	turn: (powered) => ({ topic: `shellies/${topic}/relay/${channel}/command`, payload: powered ? 'on' : 'off' }),
	ask: { topic: `shellies/${topic}/command`, payload: 'update' },
	parse: (payload) => (payload === 'on' || payload === 'off' ? stateOf(payload, { keys: [], from: description }) : undefined),
});

const shellyGen2 = (topic: string, { channel, description }: { readonly channel: number; readonly description: string }): Plug => {
	const source = `blackstart-${topic.replaceAll('/', '-')}-${process.pid}`;
	const call = (method: string, parameters: object) => ({
		topic: `${topic}/rpc`,
		payload: JSON.stringify({ id: 1, src: source, method, params: { id: channel, ...parameters } }),
	});
	return {
		description,
		listenTo: `${source}/rpc`,
		turn: (powered) => call('Switch.Set', { on: powered }),
		ask: call('Switch.GetStatus', {}),
		parse: (payload) => {
			const answer = parseJson(payload) as { readonly result?: { readonly output?: unknown; readonly was_on?: unknown } } | undefined;
			if (answer?.result?.output !== undefined) return stateOf(answer, { keys: ['result', 'output'], from: description });
			// `Switch.Set` says what was before; that it answered is enough, the state is asked for next.
			return answer?.result?.was_on === undefined ? undefined : stateOf(answer, { keys: ['result', 'was_on'], from: description });
		},
	};
};

const parseJson = (payload: string): unknown => {
	try {
		return JSON.parse(payload);
	} catch {
		return undefined;
	}
};
