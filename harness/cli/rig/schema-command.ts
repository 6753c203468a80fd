import type { CommandModule } from 'yargs';
import type { Output } from '../image/index.js';

interface SchemaArguments {
	readonly 'board-type': boolean;
}

/** `rig schema`: what editors hold a rig file or a board type against. */
export const createSchemaCommand = (output: Output): CommandModule<object, SchemaArguments> => ({
	command: 'schema',
	describe: 'Print the JSON Schema of rig files, for editors',
	builder: (yargs) =>
		yargs
			.option('board-type', { type: 'boolean', default: false, describe: 'That of board types in place of it' })
			.example('$0 rig schema > rig-file.schema.json', 'Then, as first line of a rig file: # yaml-language-server: $schema=rig-file.schema.json'),
	handler: async ({ 'board-type': ofType }) => {
		const { createJsonSchemas } = await import('../../../rigs/rig-file/index.js');
		output.print(JSON.stringify(createJsonSchemas()[ofType ? 'board-type.schema.json' : 'rig-file.schema.json'], null, '\t'));
	},
});
