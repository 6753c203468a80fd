import type { Argv, CommandModule } from 'yargs';
import { describeImage, renderImage } from './image-description.js';
import { readInput } from './input-files.js';
import { type Output, printResult } from './output.js';

interface InspectArguments {
	readonly file: string;
	readonly json: boolean;
}

/** `image inspect`: everything an image says about itself; of a damaged one what can be read, then why no more, and exit 1. */
export const createInspectCommand = (output: Output): CommandModule<object, InspectArguments> => ({
	command: 'inspect <file>',
	describe: 'Show every header field and TLV of an image',
	builder: (yargs: Argv<object>): Argv<InspectArguments> =>
		yargs
			.positional('file', { type: 'string', demandOption: true, describe: 'The image' })
			.option('json', { type: 'boolean', default: false, describe: 'One JSON object on standard output' })
			.example('$0 image inspect app.signed.bin', 'Header, TLVs and what follows, with offsets')
			.example('$0 image inspect app.signed.bin --json', 'The same for a script'),
	handler: async ({ file, json }) => {
		const description = describeImage(file, readInput(file));
		printResult(output, { asJson: json, data: description, text: renderImage(description) });
		if (description.error !== null) output.printAside(`error: ${file}: ${description.error.message}`);
		output.setExitCode(description.error === null ? 0 : 1);
	},
});
