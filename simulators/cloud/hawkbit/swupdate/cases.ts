import { deepEqual, equal, ok } from 'node:assert/strict';
import { assertTruth } from '../../peer/index.js';
import type { Bench } from './bench.js';

export interface SwupdateCase {
	readonly title: string;
	readonly wrongSha1?: boolean;
	/** What `truthful` finds at the end; nothing, where it is absent. */
	readonly untruth?: RegExp;
	readonly run: (bench: Bench) => Promise<void>;
}

const isClosed = ({ action: { state } }: Bench): boolean => state === 'finished' || state === 'error' || state === 'canceled';

const HELD_FOR_FAILED = /^the device runs and has confirmed 2[.]0 .* and the service holds its job for FAILED$/;

const closeWithSuccess = async (bench: Bench): Promise<void> => {
	await bench.stop();
	await bench.start({ outcome: 'success' });
	await bench.until(() => isClosed(bench), 'the action to be closed');
	equal(bench.action.state, 'finished');
};

/** What Debian's swupdate does against the server, each in a fresh folder. */
export const SWUPDATE_CASES: readonly SwupdateCase[] = [
	{
		title: 'a signed update is downloaded, installed, and reported as a success after the restart',
		run: async (bench) => {
			await bench.start();
			await bench.untilInstalled();
			equal(await bench.slot(), 'new');
			equal(bench.action.state, 'running', 'nothing is closed before the restart');
			await closeWithSuccess(bench);
		},
	},
	{
		title: 'a download that is cut twice is resumed by Range, and the image is identical',
		run: async (bench) => {
			bench.cuts.push(1_000_000, 700_000);
			await bench.start();
			await bench.untilInstalled();
			deepEqual(bench.cuts, [], 'both cuts happened');
			const [first, second, third, ...more] = bench.downloadsFrom;
			deepEqual([first, more], [0, []]);
			// A reset drops what the kernel had not given out, so the places are not exact.
			ok(second !== undefined && third !== undefined && second > 100_000 && third > second, `resumed at ${second} and ${third}`);
			equal(await bench.slot(), 'new');
			await closeWithSuccess(bench);
		},
	},
	{
		title: 'a bit that flips on the way fails the update, and the new image is not in the slot',
		run: async (bench) => {
			bench.server.faults.add({ kind: 'flipped-bit', atByte: 2_000_000 }, { times: 100 });
			await bench.start();
			await bench.until(() => isClosed(bench), 'the action to be closed');
			equal(bench.action.state, 'error');
			ok((await bench.slot()) !== 'new');
		},
	},
	{
		title: 'a wrong digest in the deployment: failure is reported with the new image installed, and truthful catches it',
		untruth: HELD_FOR_FAILED,
		wrongSha1: true,
		run: async (bench) => {
			await bench.start();
			await bench.until(() => isClosed(bench), 'the action to be closed');
			equal(bench.action.state, 'error');
			equal(await bench.slot(), 'new');
		},
	},
	{
		title: 'an update for other hardware is refused, and the slot is untouched',
		run: async (bench) => {
			await bench.start({ hardware: 'other:9.9' });
			await bench.until(() => isClosed(bench), 'the action to be closed');
			equal(bench.action.state, 'error');
			equal(await bench.slot(), 'old');
		},
	},
	{
		title: 'an update that is cancelled in mid-download is stopped and acknowledged',
		run: async (bench) => {
			bench.server.faults.add(undefined);
			bench.server.faults.add({ kind: 'slow', bytesPerS: 150_000 }, { times: 100 });
			await bench.start();
			await bench.until(() => bench.server.calls.some(({ method, path }) => method === 'HEAD' && path.endsWith('.swu')), 'the download to begin');
			bench.server.target('dev1').cancel(bench.action.id);
			await bench.until(() => isClosed(bench), 'the action to be closed');
			equal(bench.action.state, 'canceled');
			ok((await bench.slot()) !== 'new');
		},
	},
	{
		title: 'swupdate is killed in mid-download, and installs once it is started again',
		run: async (bench) => {
			bench.server.faults.add(undefined);
			bench.server.faults.add({ kind: 'stall', afterBytes: 1_500_000 });
			await bench.start();
			await bench.until(() => bench.server.calls.some(({ method, path }) => method === 'HEAD' && path.endsWith('.swu')), 'the download to begin');
			await bench.stop('SIGKILL');
			ok((await bench.slot()) !== 'new');
			await bench.start();
			await bench.untilInstalled();
			equal(await bench.slot(), 'new');
			await closeWithSuccess(bench);
		},
	},
	{
		title: 'restarted with a failure as its outcome, the device reports it with the new image installed, and truthful catches it',
		untruth: HELD_FOR_FAILED,
		run: async (bench) => {
			await bench.start();
			await bench.untilInstalled();
			await bench.stop();
			await bench.start({ outcome: 'failure' });
			await bench.until(() => isClosed(bench), 'the action to be closed');
			equal(bench.action.state, 'error');
			equal(await bench.slot(), 'new');
		},
	},
	{
		title: 'restarted with a success that never was, the device is believed, and truthful catches it',
		untruth: /(for SUCCEEDED|succeeded), and the device runs 1[.]0/,
		run: async (bench) => {
			await bench.start({ outcome: 'success' });
			await bench.until(() => isClosed(bench), 'the action to be closed');
			equal(bench.action.state, 'finished');
			equal(await bench.slot(), 'old');
		},
	},
	{
		title: 'restarted without an outcome, swupdate installs again and closes nothing, and truthful says that the server does not know',
		untruth: /and the service holds its job for unfinished$/,
		run: async (bench) => {
			await bench.start();
			await bench.untilInstalled();
			await bench.stop();
			await bench.start();
			await bench.untilInstalled({ times: 2 });
			deepEqual([bench.downloadsFrom, bench.action.state], [[0, 0], 'running']);
			equal(await bench.slot(), 'new');
		},
	},
	{
		title: 'a device with a wrong token is let in to nothing',
		run: async (bench) => {
			await bench.start({ token: 'wrong' });
			await bench.until(() => bench.server.calls.length >= 2, 'two polls');
			deepEqual([...new Set(bench.server.calls.map(({ status }) => status))], [401]);
			deepEqual([bench.action.history, await bench.slot()], [[], 'old']);
		},
	},
];

/** Throws where `truthful` finds something else than the case is about. */
export const checkTruth = async (bench: Bench, { untruth }: Pick<SwupdateCase, 'untruth'>): Promise<void> => assertTruth(await bench.untruths(), untruth);
