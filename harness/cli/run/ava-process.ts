import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { AvaReport } from '../worker/observe-ava.js';
import { PLAN_VARIABLE } from '../worker/plan.js';
import type { AvaProject } from './ava-project.js';
import { ADMIN_PATH, inLossNamespace } from './loss-namespace.js';

export interface AvaEnd {
	readonly exitCode: number | undefined;
	readonly signal: string | undefined;
	readonly message: string;
}

export interface AvaProcess {
	/** Resolves when AVA and its pipes are gone; never rejects. */
	readonly ended: Promise<AvaEnd>;
	kill(signal: NodeJS.Signals): void;
}

/** Starts AVA on a project; what it prints goes to `output`. `realLoss`: in a network namespace in which packets can be dropped. */
export const startAva = (
	project: AvaProject,
	{ output, onReport, realLoss = false }: { readonly output: string; readonly onReport: (report: AvaReport) => void; readonly realLoss?: boolean },
): AvaProcess => {
	const file = { file: output, append: true };
	const cli = join(dirname(createRequire(import.meta.url).resolve('ava')), 'cli.mjs');
	const command = [process.execPath, [cli, '--config', project.config]] as const;
	const [program, values] = realLoss ? inLossNamespace(...command) : command;
	const child = execa(program, [...values], {
		cwd: project.folder,
		env: { [PLAN_VARIABLE]: project.plan, FORCE_COLOR: '0', ...(realLoss ? { PATH: ADMIN_PATH } : {}) },
		ipc: true,
		reject: false,
		stdin: 'ignore',
		stdout: file,
		stderr: file,
		cleanup: true,
	});
	child.on('message', (message) => onReport(message as unknown as AvaReport));
	const ended = child.then(({ exitCode, signal, shortMessage }) => ({ exitCode, signal, message: shortMessage ?? '' }));
	return { ended, kill: (signal) => void child.kill(signal) };
};
