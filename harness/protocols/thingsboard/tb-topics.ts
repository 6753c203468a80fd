/** Topics of ThingsBoard's MQTT device API: `me` is whoever the connection belongs to. */
export const TB_TOPICS = {
	telemetry: 'v1/devices/me/telemetry',
	/** Both ways: a device publishes its own attributes there, and hears of changes of the shared ones. */
	attributes: 'v1/devices/me/attributes',
	attributeResponses: 'v1/devices/me/attributes/response/+',
	firmwareResponses: 'v2/fw/response/+/chunk/+',
	firmwareError: 'v2/fw/error',
} as const;

export const attributeRequestTopic = (requestId: number): string => `v1/devices/me/attributes/request/${requestId}`;
export const attributeResponseTopic = (requestId: number): string => `v1/devices/me/attributes/response/${requestId}`;
export const chunkRequestTopic = ({ requestId, chunk }: ChunkName): string => `v2/fw/request/${requestId}/chunk/${chunk}`;
export const chunkResponseTopic = ({ requestId, chunk }: ChunkName): string => `v2/fw/response/${requestId}/chunk/${chunk}`;

export interface ChunkName {
	readonly requestId: number;
	/** From 0, in chunks of the size that was asked for. */
	readonly chunk: number;
}

/** What a device may publish to. */
export type TbUplink =
	| { readonly kind: 'telemetry' | 'attributes' }
	| { readonly kind: 'attribute-request'; readonly requestId: number }
	| ({ readonly kind: 'chunk-request' } & ChunkName);

/** Undefined for a topic that is none of the device API's. */
export const parseUplink = (topic: string): TbUplink | undefined => {
	if (topic === TB_TOPICS.telemetry) return { kind: 'telemetry' };
	if (topic === TB_TOPICS.attributes) return { kind: 'attributes' };
	const [, requestId] = /^v1\/devices\/me\/attributes\/request\/(\d{1,9})$/.exec(topic) ?? [];
	if (requestId !== undefined) return { kind: 'attribute-request', requestId: Number(requestId) };
	const name = parseChunkTopic('request', topic);
	return name && { kind: 'chunk-request', ...name };
};

export const parseChunkResponse = (topic: string): ChunkName | undefined => parseChunkTopic('response', topic);

const parseChunkTopic = (way: 'request' | 'response', topic: string): ChunkName | undefined => {
	const [, found, requestId, chunk] = /^v2\/fw\/(request|response)\/(\d{1,9})\/chunk\/(\d{1,9})$/.exec(topic) ?? [];
	return found === way && requestId !== undefined && chunk !== undefined ? { requestId: Number(requestId), chunk: Number(chunk) } : undefined;
};

const DOWNLINKS: ReadonlySet<string> = new Set([
	TB_TOPICS.attributes,
	TB_TOPICS.attributeResponses,
	TB_TOPICS.firmwareResponses,
	'v2/fw/response/+',
	TB_TOPICS.firmwareError,
]);

/** Whether a device may subscribe to it; `v2/fw/response/+`, which matches no chunk, is what ThingsBoard's own SDK asks for. */
export const isDownlink = (filter: string): boolean => DOWNLINKS.has(filter);
