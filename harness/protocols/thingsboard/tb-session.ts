import {
	encode,
	FIRMWARE_KEYS,
	type FwState,
	parseAttributeRequest,
	parseAttributes,
	parseTelemetry,
	type TbAttributes,
	type TbFirmware,
	type TbMessage,
	type TbTelemetry,
} from './tb-messages.js';
import { attributeResponseTopic, chunkResponseTopic, parseUplink, type TbUplink, TB_TOPICS } from './tb-topics.js';

/** A package as the server gives it out. */
export interface TbPackage {
	readonly firmware: TbFirmware;
	readonly bytes: Uint8Array;
}

/** What the server holds of one device. */
export interface TbAccount {
	readonly name: string;
	/** What is assigned to it. */
	assigned: TbPackage | undefined;
	/** Of the update that was assigned last; in order, the server's own states too. */
	readonly states: { readonly state: FwState; readonly error?: string }[];
	current: { readonly title: string; readonly version: string } | undefined;
	readonly clientAttributes: Map<string, unknown>;
}

export interface TbAnswer {
	readonly messages: readonly TbMessage[];
	/** Whether the server closes the connection behind them. */
	readonly closes?: boolean;
}

/** What a device has said, for whoever keeps it. */
export interface TbListener {
	onTelemetry?(account: TbAccount, telemetry: TbTelemetry): void;
	/** Its own attributes, all that are known of it. */
	onAttributes?(account: TbAccount): void;
}

export type TbDownloadError = 'PAYLOAD_TOO_LARGE' | 'NOT_FOUND' | 'FAILURE';

/**
 * The server's side of one connection, as ThingsBoard's MQTT transport has it: the size of chunks and the package are bound to a
 * request id at its first request, and forgotten with the connection. A request past the end is answered with nothing; without a
 * size the whole package comes at once.
 */
export class TbSession {
	readonly #account: TbAccount;
	readonly #mostChunkBytes: number;
	readonly #listener: TbListener;
	readonly #chunkBytes = new Map<number, number>();
	readonly #packages = new Map<number, TbPackage>();

	constructor(account: TbAccount, { mostChunkBytes = 65_536, ...listener }: { readonly mostChunkBytes?: number } & TbListener = {}) {
		this.#account = account;
		this.#mostChunkBytes = mostChunkBytes;
		this.#listener = listener;
	}

	/** Throws a ThingsboardError for what is malformed; the server closes the connection for it. */
	take({ topic, payload }: TbMessage): TbAnswer {
		const uplink = parseUplink(topic);
		switch (uplink?.kind) {
			case 'telemetry':
				this.#report(payload);
				return NOTHING;
			case 'attributes':
				for (const [key, value] of Object.entries(parseAttributes(payload))) this.#account.clientAttributes.set(key, value);
				this.#listener.onAttributes?.(this.#account);
				return NOTHING;
			case 'attribute-request':
				return { messages: [{ topic: attributeResponseTopic(uplink.requestId), payload: encode(this.#attributesAsked(payload)) }] };
			case 'chunk-request':
				return this.#chunk(uplink, payload);
			default:
				return { messages: [], closes: true };
		}
	}

	/** What a device that listens hears when a package is assigned to it, or taken back: the names of the attributes that are no more. */
	push(): TbMessage {
		const { assigned } = this.#account;
		return { topic: TB_TOPICS.attributes, payload: encode(assigned ? assigned.firmware : { deleted: FIRMWARE_KEYS }) };
	}

	#report(payload: Uint8Array): void {
		const telemetry = parseTelemetry(payload);
		const { current_fw_title: title, current_fw_version: version, fw_state: state, fw_error: error } = telemetry;
		if (title !== undefined && version !== undefined) this.#account.current = { title, version };
		if (state !== undefined) this.#account.states.push({ state, ...(error !== undefined && { error }) });
		this.#listener.onTelemetry?.(this.#account, telemetry);
	}

	#attributesAsked(payload: Uint8Array): object {
		const { sharedKeys, clientKeys } = parseAttributeRequest(payload);
		const pick = (from: TbAttributes, keys: string) =>
			Object.fromEntries(keys.split(',').flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])));
		const shared = sharedKeys === undefined ? {} : pick(this.#account.assigned?.firmware ?? {}, sharedKeys);
		const client = clientKeys === undefined ? {} : pick(Object.fromEntries(this.#account.clientAttributes), clientKeys);
		return { ...(Object.keys(client).length > 0 && { client }), ...(Object.keys(shared).length > 0 && { shared }) };
	}

	#chunk(name: Extract<TbUplink, { kind: 'chunk-request' }>, payload: Uint8Array): TbAnswer {
		const text = Buffer.from(payload).toString();
		if (!/^\d{0,9}$/.test(text)) return { messages: [], closes: true };
		if (Number(text) > 0) this.#chunkBytes.set(name.requestId, Number(text));
		const chunkBytes = this.#chunkBytes.get(name.requestId) ?? 0;
		if (chunkBytes > this.#mostChunkBytes) return refuseDownload('PAYLOAD_TOO_LARGE');
		const found = this.#packages.get(name.requestId) ?? this.#account.assigned;
		if (!found) return refuseDownload('NOT_FOUND');
		this.#packages.set(name.requestId, found);
		const start = chunkBytes * name.chunk;
		const part = chunkBytes === 0 ? found.bytes : found.bytes.subarray(start, start + chunkBytes);
		return { messages: [{ topic: chunkResponseTopic(name), payload: part }] };
	}
}

export const refuseDownload = (error: TbDownloadError): TbAnswer => ({
	messages: [{ topic: TB_TOPICS.firmwareError, payload: Buffer.from(error) }],
	closes: true,
});

const NOTHING: TbAnswer = { messages: [] };
