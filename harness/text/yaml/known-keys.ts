import type { z } from 'zod';

/** What the inner schemas of zod are asked for here. */
interface SchemaParts {
	readonly shape?: Readonly<Record<PropertyKey, unknown>>;
	readonly element?: unknown;
	readonly def?: {
		readonly type?: string;
		readonly innerType?: unknown;
		readonly in?: unknown;
		readonly out?: unknown;
		readonly valueType?: unknown;
		readonly options?: readonly unknown[];
		readonly discriminator?: string;
		readonly values?: readonly unknown[];
	};
}

/** The keys that a schema knows at a path of what was read: of a union, those of the member that is meant. */
export const knownKeys = (path: readonly PropertyKey[], { schema, raw }: { readonly schema: z.ZodType; readonly raw: unknown }): readonly string[] => {
	let value = raw;
	let here = memberOf(schema, value);
	for (const step of path) {
		const { shape, element, def } = here;
		value = (value as Readonly<Record<PropertyKey, unknown>> | undefined)?.[step];
		here = memberOf(shape?.[step] ?? element ?? def?.valueType, value);
	}
	return Object.keys(here.shape ?? {});
};

const memberOf = (schema: unknown, value: unknown): SchemaParts => {
	const inner = unwrap(schema);
	const { discriminator, options } = inner.def ?? {};
	if (options === undefined) return inner;
	const members = options.map(unwrap);
	const meant = (value as Readonly<Record<string, unknown>> | undefined)?.[discriminator ?? ''];
	const member = members.find(({ shape }) => (discriminator === undefined ? shape !== undefined : unwrap(shape?.[discriminator]).def?.values?.includes(meant)));
	return member ?? {};
};

/** What an optional, defaulted, transformed or preprocessed schema is made around. */
const unwrap = (schema: unknown): SchemaParts => {
	let inner = schema as SchemaParts | undefined;
	while (inner?.def?.innerType !== undefined || inner?.def?.type === 'pipe') {
		const { innerType, in: from, out } = inner.def;
		inner = (innerType ?? ((from as SchemaParts).def?.type === 'transform' ? out : from)) as SchemaParts | undefined;
	}
	return inner ?? {};
};
