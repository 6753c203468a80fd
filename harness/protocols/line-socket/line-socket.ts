/**
 * A GPIO chip behind a local socket: how a virtual board has its lines driven across a process boundary. One JSON object a line.
 * A connection holds the lines it requested; when it ends, however it ends, they are undriven, as with the kernel's character device.
 *
 * | request | answer |
 * |---|---|
 * | `{id, op: 'request', line, consumer, activeLow, output: boolean \| null}` (null: an input) | `{id, ok: true, value}` |
 * | `{id, op: 'set', line, value}` | `{id, ok: true, value, atNs}` |
 * | `{id, op: 'get', line}` | `{id, ok: true, value, atNs}` |
 * | any that cannot be done | `{id, ok: false, error}` |
 *
 * `value` is logical (true: active); `atNs` is the process-independent monotonic clock (`process.hrtime.bigint()`) as decimal text.
 */
export type LineRequest =
	| {
			readonly id: number;
			readonly op: 'request';
			readonly line: string;
			readonly consumer: string;
			readonly activeLow: boolean;
			readonly output: boolean | null;
	  }
	| { readonly id: number; readonly op: 'set'; readonly line: string; readonly value: boolean }
	| { readonly id: number; readonly op: 'get'; readonly line: string };

export type LineAnswer =
	| { readonly id: number; readonly ok: true; readonly value: boolean; readonly atNs?: string }
	| { readonly id: number; readonly ok: false; readonly error: string };
