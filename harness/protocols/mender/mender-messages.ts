import { z } from 'zod';
import { createJsonReaders } from '../json-body.js';
import { MenderError } from './mender-error.js';

/**
 * The bodies of Mender's device API (authentication v1, inventory v1, deployments v1 and v2), as its server and its clients write
 * them. Members beyond these are let pass; what is here is held to its type and to bounds.
 */
export const MENDER_LIMITS = { bodyBytes: 1 << 20, attributes: 500, logMessages: 10_000 } as const;

/** What a device may report of a deployment. */
export const REPORTED_STATUSES = [
	'downloading',
	'pause_before_installing',
	'installing',
	'pause_before_rebooting',
	'rebooting',
	'pause_before_committing',
	'success',
	'failure',
	'already-installed',
] as const;
export type ReportedStatus = (typeof REPORTED_STATUSES)[number];

const text = z.string().max(4096);

const authRequest = z.object({
	id_data: text.min(1),
	pubkey: text.min(1),
	tenant_token: z.string().max(4096).optional(),
});

const attribute = z.object({
	name: z.string().min(1).max(1024),
	value: z.union([text, z.number(), z.array(text).max(1000), z.array(z.number()).max(1000)]),
	description: text.optional(),
});

const provides = z.record(z.string().min(1).max(1024), text);

/** In v2 it is wrapped; a client of v1 puts the two names into the query instead. */
const nextRequest = z.object({
	device_provides: provides.refine((value) => value['artifact_name'] !== undefined && value['device_type'] !== undefined, 'artifact_name and device_type'),
	update_control_map: z.boolean().optional(),
});

const deployment = z.object({
	id: z.string().min(1).max(128),
	artifact: z.object({
		id: z.string().max(128).optional(),
		artifact_name: z.string().min(1).max(256),
		source: z.object({ uri: z.string().min(1).max(4096), expire: z.string().max(64).optional() }),
		device_types_compatible: z.array(z.string().min(1).max(256)).min(1).max(1000),
	}),
});

const status = z.object({ status: z.enum(REPORTED_STATUSES), substate: text.optional() });

const log = z.object({
	messages: z.array(z.object({ timestamp: z.string().max(64), level: z.string().max(32), message: z.string().max(1 << 16) })).max(MENDER_LIMITS.logMessages),
});

export type MenderAuthRequest = z.infer<typeof authRequest>;
export type MenderAttribute = z.infer<typeof attribute>;
export type MenderNextRequest = z.infer<typeof nextRequest>;
export type MenderDeployment = z.infer<typeof deployment>;
export type MenderStatusReport = z.infer<typeof status>;
export type MenderLog = z.infer<typeof log>;

const reader = createJsonReaders({ mostBytes: MENDER_LIMITS.bodyBytes, malformed: (...of) => new MenderError(...of) });

/** Each throws a MenderError that names the member. */
export const parseAuthRequest = reader<MenderAuthRequest>('authRequest', authRequest);
export const parseAttributes = reader<MenderAttribute[]>('attributes', z.array(attribute).max(MENDER_LIMITS.attributes));
export const parseNextRequest = reader<MenderNextRequest>('next', nextRequest);
export const parseMenderDeployment = reader<MenderDeployment>('deployment', deployment);
export const parseStatusReport = reader<MenderStatusReport>('status', status);
export const parseMenderLog = reader<MenderLog>('log', log);

const identity = z.record(z.string().min(1).max(256), z.union([text, z.number(), z.boolean()]));

/** `id_data` is a JSON text of its own. Its members in order of their names are what a device is known by. */
export const parseIdentity = (idData: string): string => {
	const data = reader('authRequest.id_data', identity)(Buffer.from(idData));
	const names = Object.keys(data).sort();
	if (names.length === 0) throw new MenderError('authRequest.id_data', 'an identity without a member');
	return JSON.stringify(Object.fromEntries(names.map((name) => [name, data[name]])));
};
