import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { PeerCase } from '../../peer/index.js';
import type { Bench } from './bench.js';

export interface MenderCase extends PeerCase {
	/** What `truthful` finds at the end; nothing, where it is absent. */
	readonly untruth?: RegExp;
	readonly makesItsKey?: boolean;
	readonly run: (bench: Bench) => Promise<void>;
}

const accepted = async (bench: Bench): Promise<void> => {
	await bench.start();
	await bench.until(() => bench.account.keys.size > 0, 'the device to ask for admission');
	bench.server.devices.accept(bench.account);
};

const isCalled = (bench: Bench, path: string): boolean => bench.server.calls.some((call) => call.path.includes(path));

/** What Debian's mender-client does against the server, each in a fresh folder. */
export const MENDER_CASES: readonly MenderCase[] = [
	{
		title: 'a device waits until it is accepted, tells its attributes, and installs a signed artifact',
		makesItsKey: true,
		run: async (bench) => {
			bench.deploy(bench.image(), { signer: bench.signer.privateKey });
			await bench.start();
			await bench.until(() => bench.server.calls.filter(({ status }) => status === 401).length >= 2, 'two refusals');
			equal(bench.deployment?.status, 'pending');
			bench.server.devices.accept(bench.account);
			await bench.untilEnded();
			deepEqual(
				bench.deployment?.history.filter((status) => !status.startsWith('pause')),
				['downloading', 'installing', 'success'],
			);
			equal(await bench.slot(), 'new');
			await bench.until(() => bench.account.attributes.some(({ name, value }) => name === 'artifact_name' && value === 'release-2'), 'the new name');
		},
	},
	{
		title: 'a download that is cut twice is resumed by Range, and the image is identical',
		run: async (bench) => {
			bench.deploy(bench.image(), { signer: bench.signer.privateKey });
			bench.cuts.push(600_000, 400_000);
			await accepted(bench);
			await bench.untilEnded();
			deepEqual(bench.cuts, [], 'both cuts happened');
			const [first, second, third, ...more] = bench.downloadsFrom;
			deepEqual([first, more], [0, []]);
			// A reset drops what the kernel had not given out, so the places are not exact.
			ok(second !== undefined && third !== undefined && second > 100_000 && third > second, `resumed at ${second} and ${third}`);
			deepEqual([bench.deployment?.status, await bench.slot()], ['success', 'new']);
		},
	},
	{
		title: 'a bit that flips on the way fails the deployment, and the old image stays',
		run: async (bench) => {
			bench.deploy(bench.image(), { signer: bench.signer.privateKey });
			bench.server.faults.add({ kind: 'flipped-bit', atByte: 700_000 }, { times: 100 });
			await accepted(bench);
			await bench.untilEnded();
			deepEqual([bench.deployment?.status, await bench.slot()], ['failure', 'old']);
			match(await bench.failureLog(), /invalid checksum/);
		},
	},
	{
		title: 'an artifact without a signature is refused',
		run: async (bench) => {
			bench.deploy(bench.image());
			await accepted(bench);
			await bench.untilEnded();
			deepEqual([bench.deployment?.status, await bench.slot()], ['failure', 'old']);
			match(await bench.failureLog(), /signature/);
		},
	},
	{
		title: 'an artifact that a stranger signed is refused',
		run: async (bench) => {
			bench.deploy(bench.image(), { signer: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey });
			await accepted(bench);
			await bench.untilEnded();
			deepEqual([bench.deployment?.status, await bench.slot()], ['failure', 'old']);
			match(await bench.failureLog(), /signature|verif/);
		},
	},
	{
		title: 'an artifact for another type of device, which the server gives out all the same, is refused',
		run: async (bench) => {
			bench.deploy(bench.image({ deviceTypes: ['other-board'] }), { signer: bench.signer.privateKey, as: ['bench-board'] });
			await accepted(bench);
			await bench.untilEnded();
			deepEqual([bench.deployment?.status, await bench.slot()], ['failure', 'old']);
		},
	},
	{
		title: 'a release without an artifact for this type of device is never offered',
		run: async (bench) => {
			bench.deploy(bench.image({ deviceTypes: ['other-board'] }), { signer: bench.signer.privateKey });
			await accepted(bench);
			await bench.untilEnded();
			deepEqual([bench.deployment?.status, await bench.slot(), bench.downloadsFrom], ['noartifact', 'old', []]);
		},
	},
	{
		title: 'a deployment that is aborted in mid-download is not installed',
		run: async (bench) => {
			bench.deploy(bench.image(), { signer: bench.signer.privateKey });
			bench.server.faults.add({ kind: 'slow', bytesPerS: 800_000 });
			await accepted(bench);
			await bench.until(() => bench.server.downloads > 0, 'the download to begin');
			bench.deployment?.abort();
			await bench.until(() => bench.server.calls.some(({ path, status }) => path.endsWith('/status') && status === 409), 'the device to hear of it');
			await bench.until(() => bench.server.calls.at(-1)?.path.endsWith('/next') ?? false, 'the device to ask for what is next');
			deepEqual([bench.deployment?.status, await bench.slot()], ['aborted', 'old']);
		},
	},
	{
		title: 'the client is killed in mid-download, and reports a failure once it is started again',
		run: async (bench) => {
			bench.deploy(bench.image(), { signer: bench.signer.privateKey });
			bench.server.faults.add({ kind: 'stall', afterBytes: 1_400_000 });
			await accepted(bench);
			await bench.untilUnpacked(100_000);
			await bench.stop('SIGKILL');
			await bench.start();
			await bench.untilEnded();
			deepEqual([bench.deployment?.status, await bench.slot()], ['failure', 'old']);
		},
	},
	{
		title: 'an update that fails behind its last byte is reported as a failure with the new image installed, and truthful catches it',
		untruth: /^the device runs and has confirmed 2[.]0 .* and the service holds its job for FAILED$/,
		run: async (bench) => {
			await bench.deployScript({ writes: true, code: 1 });
			await accepted(bench);
			await bench.untilEnded();
			deepEqual([bench.deployment?.status, await bench.slot()], ['failure', 'new']);
		},
	},
	{
		title: 'an update that installs nothing and says that it did is reported as a success, and truthful catches it',
		untruth: /(for SUCCEEDED|succeeded), and the device runs 1[.]0/,
		run: async (bench) => {
			await bench.deployScript({ writes: false, code: 0 });
			await accepted(bench);
			await bench.untilEnded();
			deepEqual([bench.deployment?.status, await bench.slot()], ['success', 'old']);
		},
	},
	{
		title: 'a device that is rejected gets nothing, and one whose token was taken back asks for another',
		run: async (bench) => {
			await accepted(bench);
			await bench.until(() => isCalled(bench, '/next'), 'the first poll');
			bench.server.devices.reject(bench.account);
			bench.deploy(bench.image(), { signer: bench.signer.privateKey });
			const before = bench.server.calls.length;
			const refused = () => bench.server.calls.slice(before).filter(({ path, status }) => path.endsWith('/auth_requests') && status === 401).length;
			await bench.until(() => refused() >= 1, 'a refusal');
			deepEqual([bench.deployment?.status, bench.downloadsFrom, await bench.slot()], ['pending', [], 'old']);
			bench.server.devices.accept(bench.account);
			await bench.untilEnded();
			deepEqual([bench.deployment?.status, await bench.slot()], ['success', 'new']);
		},
	},
];
