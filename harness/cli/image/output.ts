/** Where a command's words and verdict go; a test takes one of its own. */
export interface Output {
	/** One text on standard output, ended with a newline. */
	print(text: string): void;
	/** One text on standard error, ended with a newline. */
	printAside(text: string): void;
	/** The exit code of the process once it ends. */
	setExitCode(code: number): void;
}

export const PROCESS_OUTPUT: Output = {
	print: (text) => void process.stdout.write(`${text}\n`),
	printAside: (text) => void process.stderr.write(`${text}\n`),
	setExitCode: (code) => {
		process.exitCode = code;
	},
};

/** With `--json` one object on standard output and the text for people beside it, on standard error; else the text alone. */
export const printResult = (output: Output, result: { readonly asJson: boolean; readonly data: object; readonly text: string }): void => {
	if (result.asJson) output.print(JSON.stringify(result.data));
	(result.asJson ? output.printAside : output.print)(result.text);
};
