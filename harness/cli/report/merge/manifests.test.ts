import { readFileSync } from 'node:fs';
import test from 'ava';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseCell } from '../../../scenario/index.js';
import { findScenarioFiles } from '../../run/scenario-files.js';

/** What these engines demand of the parts that we use (batch/v1 Job, GitHub workflow syntax): unknown keys are errors, so that a typo is one. */

const name = z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
const job = z.strictObject({
	apiVersion: z.literal('batch/v1'),
	kind: z.literal('Job'),
	metadata: z.strictObject({ name }),
	spec: z.strictObject({
		completionMode: z.literal('Indexed'),
		completions: z.int().min(1),
		parallelism: z.int().min(1),
		backoffLimitPerIndex: z.int().min(0),
		podFailurePolicy: z.strictObject({
			rules: z.array(
				z.strictObject({
					action: z.enum(['FailJob', 'FailIndex', 'Ignore', 'Count']),
					onExitCodes: z.strictObject({ containerName: name, operator: z.enum(['In', 'NotIn']), values: z.array(z.int().min(1)) }).optional(),
					onPodConditions: z.array(z.strictObject({ type: z.string() })).optional(),
				}),
			),
		}),
		template: z.strictObject({
			spec: z.strictObject({
				// A policy for pod failures wants it.
				restartPolicy: z.literal('Never'),
				containers: z
					.array(
						z.strictObject({
							name,
							image: z.string(),
							command: z.array(z.string()),
							args: z.array(z.string()),
							resources: z.strictObject({ requests: z.record(z.string(), z.string()), limits: z.record(z.string(), z.string()) }),
							volumeMounts: z.array(z.strictObject({ name, mountPath: z.string().startsWith('/') })),
						}),
					)
					.length(1),
				volumes: z.array(z.strictObject({ name, persistentVolumeClaim: z.strictObject({ claimName: name }) })),
			}),
		}),
	}),
});

const step = z.union([
	z.strictObject({
		uses: z.string().regex(/^[\w-]+\/[\w-]+@v\d+$/),
		if: z.string().optional(),
		with: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
	}),
	z.strictObject({ run: z.string() }),
]);
const workflowJob = z.strictObject({
	'runs-on': z.string(),
	needs: z.string().optional(),
	if: z.string().optional(),
	strategy: z.strictObject({ 'fail-fast': z.literal(false), matrix: z.strictObject({ cell: z.array(z.int()) }) }).optional(),
	steps: z.array(step),
});
const workflow = z.strictObject({ name: z.string(), on: z.array(z.string()), jobs: z.strictObject({ cell: workflowJob, merge: workflowJob }) });

const read = (file: string): string => readFileSync(new URL(`../../../../../scenarios/cells/${file}`, import.meta.url), 'utf8');
const cellsOf = (indices: readonly number[], command: string, index: string): readonly string[] => {
	const shard = / --shard[= ](\S+)/.exec(command)?.[1] ?? '';
	return indices.map((number) => shard.replace(index, String(number))).filter((text) => parseCell(text).count === indices.length);
};

const assertRun = (command: string): void => {
	if (!/ --seed[= ]\d+ /.test(command)) throw new Error('every cell needs the same seed');
	const [, scenarios = ''] = /\brun ((?:[a-z][a-z-]+ )+)/.exec(command) ?? [];
	findScenarioFiles(scenarios.trim().split(' '), { directory: '/' });
};

test('the Kubernetes Job has one completion a cell, one seed, scenarios that exist and a folder for each cell', (t) => {
	const { spec } = job.parse(parse(read('kubernetes-job.yaml')));
	const [container] = spec.template.spec.containers;
	const command = [...(container?.command ?? []), ...(container?.args ?? [])].join(' ');
	const indices = Array.from({ length: spec.completions }, (_, index) => index);
	t.is(cellsOf(indices, command, '$(JOB_COMPLETION_INDEX)').length, spec.completions);
	t.true(spec.parallelism <= spec.completions);
	t.notThrows(() => assertRun(command));
	t.regex(command, /--out=\/runs\/cells\/\$\(JOB_COMPLETION_INDEX\)$/);
	t.deepEqual(
		container?.volumeMounts.map((mount) => mount.name),
		spec.template.spec.volumes.map((volume) => volume.name),
	);
	t.is(spec.podFailurePolicy.rules[0]?.onExitCodes?.containerName, container?.name);
});

test('the CI matrix has one job a cell, one seed, scenarios that exist, and joins them whatever became of them', (t) => {
	const { jobs } = workflow.parse(parse(read('github-matrix.yml')));
	const command = jobs.cell.steps
		.flatMap((one) => ('run' in one && one.run.includes('--shard') ? [one.run.replaceAll(/\$\{\{ matrix\.cell \}\}/g, '$CELL')] : []))
		.join();
	const cells = jobs.cell.strategy?.matrix.cell ?? [];
	t.deepEqual(
		cellsOf(cells, command, '$CELL'),
		cells.map((index) => `${index}/${cells.length}`),
	);
	t.notThrows(() => assertRun(command));
	t.like(jobs.merge, { needs: 'cell', if: 'always()' });
	t.true(jobs.merge.steps.some((one) => 'run' in one && one.run.startsWith('npx blackstart report merge cells/*')));
});
