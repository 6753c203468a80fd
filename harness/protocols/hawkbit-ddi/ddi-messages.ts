import { z } from 'zod';
import { createJsonReaders } from '../json-body.js';
import { DdiError } from './ddi-error.js';

/**
 * The bodies of the DDI API, as hawkBit writes and reads them. Members beyond these are let pass, as hawkBit does; what is
 * here is held to its type and to bounds, since both sides read what strangers sent.
 */
export const DDI_LIMITS = { bodyBytes: 1 << 20, attributes: 100, keyCharacters: 128, valueCharacters: 512, details: 1000, detailCharacters: 1 << 16 } as const;

export const EXECUTIONS = ['closed', 'proceeding', 'canceled', 'scheduled', 'rejected', 'resumed', 'download', 'downloaded'] as const;
export type Execution = (typeof EXECUTIONS)[number];
export const FINISHED = ['success', 'failure', 'none'] as const;
export type Finished = (typeof FINISHED)[number];

const id = z.union([z.string().regex(/^\d{1,15}$/), z.number().int().nonnegative()]).transform(String);
const count = z.number().int().nonnegative();
const href = z.object({ href: z.string().min(1).max(2048) });
const details = z.array(z.string().max(DDI_LIMITS.detailCharacters)).max(DDI_LIMITS.details);

/** `id` and `time` are of hawkBit's older shape, which clients in the field still send. */
const feedback = z.object({
	id: id.optional(),
	time: z.string().max(64).optional(),
	timestamp: count.optional(),
	status: z.object({
		execution: z.enum(EXECUTIONS),
		result: z.object({ finished: z.enum(FINISHED), progress: z.object({ cnt: count, of: count.nullish() }).nullish() }),
		code: z.number().int().nullish(),
		details: details.nullish(),
	}),
});

const confirmation = z.object({
	confirmation: z.enum(['confirmed', 'denied']),
	code: z.number().int().nullish(),
	details: details.nullish(),
});

const configData = z.object({
	mode: z.enum(['merge', 'replace', 'remove']).default('merge'),
	data: z
		.record(z.string().min(1).max(DDI_LIMITS.keyCharacters), z.string().max(DDI_LIMITS.valueCharacters))
		.refine((data) => Object.keys(data).length <= DDI_LIMITS.attributes, `more than ${DDI_LIMITS.attributes} attributes`),
});

const base = z.object({
	config: z.object({ polling: z.object({ sleep: z.string().regex(/^\d{1,3}:[0-5]\d:[0-5]\d$/, 'expected HH:MM:SS') }) }),
	_links: z
		.object({
			deploymentBase: href.optional(),
			cancelAction: href.optional(),
			confirmationBase: href.optional(),
			installedBase: href.optional(),
			configData: href.optional(),
		})
		.default({}),
});

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`, 'i'), `expected ${digits} hexadecimal digits`);

const artifact = z.object({
	filename: z.string().min(1).max(256),
	hashes: z.object({ sha1: hex(40), md5: hex(32), sha256: hex(64).optional() }),
	size: count,
	_links: z.object({ download: href.optional(), 'download-http': href.optional(), md5sum: href.optional(), 'md5sum-http': href.optional() }),
});

const chunk = z.object({
	part: z.string().min(1).max(64),
	name: z.string().min(1).max(128),
	version: z.string().min(1).max(128),
	encrypted: z.boolean().optional(),
	metadata: z
		.array(z.object({ key: z.string().max(128), value: z.string().max(4096) }))
		.max(100)
		.optional(),
	artifacts: z.array(artifact).max(100),
});

const handling = z.enum(['skip', 'attempt', 'forced']);

const deployment = z.object({
	id,
	deployment: z.object({
		download: handling,
		update: handling,
		maintenanceWindow: z.enum(['available', 'unavailable']).optional(),
		chunks: z.array(chunk).max(100),
	}),
	actionHistory: z.object({ status: z.string().max(64).optional(), messages: z.array(z.string()) }).optional(),
});

const confirmationRequest = z.object({ id, confirmation: deployment.shape.deployment });
const cancelAction = z.object({ id, cancelAction: z.object({ stopId: id }) });

export type DdiFeedback = z.infer<typeof feedback>;
export type DdiConfirmation = z.infer<typeof confirmation>;
export type DdiConfigData = z.infer<typeof configData>;
export type DdiBase = z.infer<typeof base>;
export type DdiArtifact = z.infer<typeof artifact>;
export type DdiChunk = z.infer<typeof chunk>;
export type DdiDeployment = z.infer<typeof deployment>;
export type DdiConfirmationRequest = z.infer<typeof confirmationRequest>;
export type DdiCancelAction = z.infer<typeof cancelAction>;

const reader = createJsonReaders({ mostBytes: DDI_LIMITS.bodyBytes, malformed: (...of) => new DdiError(...of) });

/** Each throws a DdiError that names the member. */
export const parseFeedback = reader<DdiFeedback>('feedback', feedback);
export const parseConfirmation = reader<DdiConfirmation>('confirmation', confirmation);
export const parseConfigData = reader<DdiConfigData>('configData', configData);
export const parseBase = reader<DdiBase>('base', base);
export const parseDeployment = reader<DdiDeployment>('deploymentBase', deployment);
export const parseConfirmationRequest = reader<DdiConfirmationRequest>('confirmationBase', confirmationRequest);
export const parseCancelAction = reader<DdiCancelAction>('cancelAction', cancelAction);

/** `HH:MM:SS`, as `config.polling.sleep` has it. */
export const encodeSleep = (sleepMs: number): string => {
	const seconds = Math.round(sleepMs / 1000);
	return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
};

export const parseSleepMs = (sleep: string): number => sleep.split(':').reduce((total, part) => total * 60 + Number(part), 0) * 1000;
