import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** What is answered to a request of the DDI API. `etag`: the body is sent under its ETag. */
export interface DdiAnswer {
	readonly status: number;
	readonly json?: unknown;
	readonly text?: string;
	readonly etag?: boolean;
	readonly headers?: Readonly<Record<string, string>>;
}

/** In hawkBit's shape of an error. */
export const refuse = (status: number, { code, message }: { readonly code: string; readonly message: string }): DdiAnswer => ({
	status,
	json: { errorCode: `hawkbit.server.error.${code}`, message },
	...(status === 401 && { headers: { 'www-authenticate': 'TargetToken' } }),
});

export const notFound = (message: string): DdiAnswer => refuse(404, { code: 'repo.entitiyNotFound', message });

export const sendAnswer = (response: ServerResponse, { status, json, text, etag = false, headers = {} }: DdiAnswer, ifNoneMatch: string | undefined): void => {
	const body = Buffer.from(text ?? (json === undefined ? '' : JSON.stringify(json)));
	const type = text === undefined ? 'application/hal+json;charset=UTF-8' : 'text/plain;charset=UTF-8';
	const tag = etag ? `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"` : undefined;
	const common = { ...headers, ...(tag !== undefined && { etag: tag }) };
	if (tag !== undefined && ifNoneMatch === tag) response.writeHead(304, common).end();
	else response.writeHead(status, { ...common, ...(body.length > 0 && { 'content-type': type }), 'content-length': body.length }).end(body);
};
