import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { EXHIBITS } from '../../../simulators/museum/index.js';
import { listScenarios } from '../../cli/run/listing.js';
import { findScenarioFiles } from '../../cli/run/scenario-files.js';
import { findPackageRoot } from '../../cli/package-root.js';
import { IMAGE_BEHAVIOURS, IMAGE_DEFECTS } from '../../firmware/index.js';
import { createJudge } from '../../invariants/index.js';
import { ATTACKS, FAULT_CATALOGUE, FAULT_KINDS, HAPPENINGS, type Proof, reachOf, TEAR_MODES, UPDATE_PHASES } from '../index.js';

const packageRoot = findPackageRoot();

/** Rows in each section. */
const SECTIONS = { P: 14, F: 12, N: 12, S: 10, M: 10, X: 10, T: 12 };

const sightings = FAULT_CATALOGUE.flatMap((row) => row.sightings ?? []);
const proofs: readonly Proof[] = FAULT_CATALOGUE.flatMap((row) => row.proofs ?? []);

test('every row of the catalogue stands there once, in order', (t) => {
	t.deepEqual(
		FAULT_CATALOGUE.map(({ id }) => id),
		Object.entries(SECTIONS).flatMap(([letter, rows]) => Array.from({ length: rows }, (_, index) => `${letter}${index + 1}`)),
	);
});

for (const { id, sightings: seen = [], proofs: shown = [], whyNot } of FAULT_CATALOGUE) {
	test(`${id} is exercised, or has a written reason why not, and not both`, (t) => {
		t.is(seen.length + shown.length === 0, whyNot !== undefined);
		if (whyNot !== undefined) t.true(whyNot.split(' ').length >= 3 && whyNot.trim() === whyNot);
	});
}

test('every fault and everything else that coverage sees belongs to a row', (t) => {
	const seen = new Set<string>(sightings.map((one) => one.seen));
	t.deepEqual(
		[...FAULT_KINDS, ...HAPPENINGS].filter((kind) => !seen.has(kind)),
		[],
	);
});

const FORMS: readonly { readonly seen: string; readonly forms: readonly string[] }[] = [
	{ seen: 'image-defect', forms: IMAGE_DEFECTS },
	{ seen: 'image-behaviour', forms: IMAGE_BEHAVIOURS.filter((behaviour) => behaviour !== 'healthy') },
	{ seen: 'power-cut', forms: ['program', 'erase'].flatMap((operation) => TEAR_MODES.map((tear) => `${operation} ${tear} slot`)) },
];

for (const { seen, forms } of FORMS) {
	for (const form of forms) {
		test(`the form belongs to a row of its own kind: ${seen}, ${form}`, (t) => {
			const specific = sightings.filter((one) => one.seen === seen && one.form !== undefined && one.phases === undefined);
			t.true(specific.some((one) => one.form?.test(form)));
		});
	}
}

test('what a sighting matches does not depend on what was matched before', (t) => {
	for (const { form, phases = [] } of sightings) {
		t.false(form?.global ?? false);
		t.true(phases.every((phase) => UPDATE_PHASES.includes(phase)));
	}
});

test('a row can be exercised in every phase that one of its sightings can be seen in, and in no other', (t) => {
	const reach = Object.fromEntries(FAULT_CATALOGUE.map((row) => [row.id, reachOf(row)]));
	t.deepEqual(reach['P1'], UPDATE_PHASES);
	t.deepEqual(reach['P9'], ['installing']);
	t.deepEqual(reach['S3'], ['reporting', 'recovering']);
	t.deepEqual(reach['M1'], ['downloading', 'installing']);
	t.deepEqual(reach['P8'], []);
});

test('every test that stands for a row is there', (t) => {
	for (const proof of proofs) {
		if (!('test' in proof)) continue;
		const text = readFileSync(join(packageRoot, proof.test), 'utf8');
		t.true(text.includes(proof.title), `${proof.test}: ${proof.title}`);
	}
});

test('every exhibit that stands for a row is in the museum', (t) => {
	const names = EXHIBITS.map(({ name }) => name);
	t.deepEqual(
		proofs.flatMap((proof) => ('exhibit' in proof && !names.includes(proof.exhibit) ? [proof.exhibit] : [])),
		[],
	);
});

test('every case that stands for a row is in the catalogue of scenarios', async (t) => {
	const listed = await listScenarios(findScenarioFiles([], { directory: packageRoot }), { directory: packageRoot });
	const cases = listed.flatMap(({ name, cases }) => cases.map(({ title }) => `${name}: ${title}`));
	const wanted = proofs.flatMap((proof) => ('scenario' in proof ? [`${proof.scenario}: ${proof.title}`] : []));
	t.true(wanted.length > 0);
	t.deepEqual(
		wanted.filter((one) => !cases.includes(one)),
		[],
	);
});

test('every attack of the lists has rows that are exercised and invariants of ours, or a reason why not', (t) => {
	const invariants = createJudge()
		.finish()
		.map(({ invariant }) => invariant);
	const exercised = FAULT_CATALOGUE.filter(({ whyNot }) => whyNot === undefined).map(({ id }) => id);
	t.is(new Set(ATTACKS.map(({ list, name }) => `${list} ${name}`)).size, 39);
	for (const { list, name, rows, invariants: held, whyNot } of ATTACKS) {
		t.is(rows.length === 0, whyNot !== undefined, `${list} ${name}`);
		t.is(held.length === 0, whyNot !== undefined, `${list} ${name}`);
		t.deepEqual([...rows.filter((row) => !exercised.includes(row)), ...held.filter((invariant) => !invariants.includes(invariant))], [], `${list} ${name}`);
	}
	// Nothing in the section of attacks is there for itself.
	t.deepEqual(
		FAULT_CATALOGUE.filter(({ id }) => id.startsWith('X') && id !== 'X4' && !ATTACKS.some(({ rows }) => rows.includes(id))),
		[],
	);
});
