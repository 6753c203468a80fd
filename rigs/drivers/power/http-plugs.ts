import type { PowerDriverOptions } from './power-options.js';
import { type HttpCall, requestJson } from './http-request.js';
import type { PowerSwitch } from './power-switch.js';
import { stateOf } from './state-of.js';

type OptionsOf<Driver> = Extract<PowerDriverOptions, { readonly driver: Driver }>;
type Login = HttpCall['login'];

const nothingOpen = { [Symbol.asyncDispose]: async () => undefined };
const loginOf = (username: string, password: string | undefined): Login => (password === undefined ? undefined : { username, password });

/** `/relay/N?turn=on` and `/relay/N`: the answer's `ison`. */
export const createShellyGen1 = ({ host, channel, username = 'admin', password }: OptionsOf<'shelly-gen1'>): PowerSwitch => {
	const ask = async (query: string, signal: AbortSignal) =>
		stateOf(await requestJson({ host, path: `/relay/${channel}${query}`, signal, login: loginOf(username, password) }), {
			keys: ['ison'],
			from: `Shelly ${host}`,
		});
	return {
		description: `Shelly (first generation) at ${host}, channel ${channel}`,
		set: async (powered, { signal }) => void (await ask(`?turn=${powered ? 'on' : 'off'}`, signal)),
		read: ({ signal }) => ask('', signal),
		...nothingOpen,
	};
};

/** JSON-RPC over HTTP: `Switch.Set` answers `was_on`, the state before, so that `Switch.GetStatus` is asked for `output`. The user is always `admin`. */
export const createShellyGen2 = ({ host, channel, password }: OptionsOf<'shelly-gen2'>): PowerSwitch => {
	const from = `Shelly ${host}`;
	const call = (method: string, parameters: object, signal: AbortSignal) =>
		requestJson({ host, path: `/rpc/${method}`, body: { id: channel, ...parameters }, signal, login: loginOf('admin', password) });
	return {
		description: `Shelly (second generation) at ${host}, channel ${channel}`,
		set: async (powered, { signal }) => void stateOf(await call('Switch.Set', { on: powered }, signal), { keys: ['was_on'], from }),
		read: async ({ signal }) => stateOf(await call('Switch.GetStatus', {}, signal), { keys: ['output'], from }),
		...nothingOpen,
	};
};

/** `/cm?cmnd=Power1 ON` answers `{"POWER1":"ON"}`; a device with one output says `POWER`. */
export const createTasmotaHttp = ({ host, channel, username = 'admin', password }: OptionsOf<'tasmota-http'>): PowerSwitch => {
	const ask = async (order: string, signal: AbortSignal) => {
		const user = password === undefined ? '' : `user=${encodeURIComponent(username)}&password=${encodeURIComponent(password)}&`;
		const answer = await requestJson({ host, path: `/cm?${user}cmnd=${encodeURIComponent(`Power${channel}${order}`)}`, signal });
		const single = channel === 1 && typeof answer === 'object' && answer !== null && 'POWER' in answer;
		return stateOf(answer, { keys: [single ? 'POWER' : `POWER${channel}`], from: `Tasmota ${host}` });
	};
	return {
		description: `Tasmota plug at ${host}, channel ${channel}`,
		set: async (powered, { signal }) => void (await ask(powered ? ' ON' : ' OFF', signal)),
		read: ({ signal }) => ask('', signal),
		...nothingOpen,
	};
};
