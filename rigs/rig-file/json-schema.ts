import { z } from 'zod';
import { boardTypeSchema } from './board-type-schema.js';
import { rigSchema } from './rig-schema.js';

/** What editors are told of a file: the shape before quantities are read. */
const toJsonSchema = (schema: z.ZodType, title: string): object => ({ title, ...z.toJSONSchema(schema, { target: 'draft-7', io: 'input', reused: 'ref' }) });

/** JSON Schema (draft 7) by the name of the file it is kept in, below `rigs`. */
export const createJsonSchemas = (): Readonly<Record<'rig-file.schema.json' | 'board-type.schema.json', object>> => ({
	'rig-file.schema.json': toJsonSchema(rigSchema, 'Rig file'),
	'board-type.schema.json': toJsonSchema(boardTypeSchema, 'Board type'),
});
