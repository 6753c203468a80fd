import test from 'ava';
import { type DdiActionState, isClosed } from './ddi-action.js';
import { encodeDdi } from './ddi-device-step.js';
import { DdiError } from './ddi-error.js';
import {
	EXECUTIONS,
	encodeSleep,
	FINISHED,
	parseBase,
	parseConfigData,
	parseConfirmation,
	parseDeployment,
	parseFeedback,
	parseSleepMs,
} from './ddi-messages.js';
import { controllerPath, parseDdiPath } from './ddi-path.js';
import { DdiTarget } from './ddi-target.js';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const feedback = (execution: string, finished: string, rest: object = {}) =>
	parseFeedback(json({ status: { execution, result: { finished }, details: ['said so'] }, ...rest }));

const opened = (change: { type?: 'forced' | 'download-only'; confirmations?: boolean } = {}) => {
	const target = new DdiTarget('dev1', { confirmations: change.confirmations ?? false });
	target.assign({ id: '1', type: change.type ?? 'forced', distribution: 'os:2' });
	return target;
};

const AFTER: Readonly<Record<string, DdiActionState>> = {
	'closed success': 'finished',
	'closed failure': 'error',
	'closed none': 'finished',
	canceled: 'canceled',
	rejected: 'warning',
	download: 'download',
	downloaded: 'downloaded',
};

test('every execution with every result leaves an action in the state that hawkBit gives it, and a closed one takes nothing more', (t) => {
	for (const execution of EXECUTIONS) {
		for (const finished of FINISHED) {
			const target = opened();
			const name = `${execution} ${finished}`;
			t.deepEqual(target.takeFeedback('1', feedback(execution, finished)), { status: 200 });
			const state = AFTER[name] ?? AFTER[execution] ?? 'running';
			t.is(target.action('1')?.state, state, name);
			t.is(target.current === undefined, isClosed(state), name);
			t.is(target.installed?.id, state === 'finished' ? '1' : undefined, name);
			t.is(target.takeFeedback('1', feedback('closed', 'success')).status, isClosed(state) ? 410 : 200, name);
			if (isClosed(state)) t.is(target.action('1')?.state, state, `${name} stays`);
		}
	}
});

test('a cancellation is the device’s to take or to refuse; what it reports meanwhile does not undo the request', (t) => {
	for (const [execution, finished, state] of [
		['closed', 'success', 'canceled'],
		['closed', 'failure', 'running'],
		['canceled', 'none', 'canceled'],
		['rejected', 'none', 'running'],
		['proceeding', 'none', 'canceling'],
	] as const) {
		const target = opened();
		t.is(target.takeCancelFeedback('1', feedback(execution, finished)).status, 405, 'nobody asked');
		t.true(target.cancel('1'));
		t.false(target.cancel('1'));
		for (const busy of ['proceeding', 'download', 'downloaded', 'rejected']) target.takeFeedback('1', feedback(busy, 'none'));
		t.is(target.action('1')?.state, 'canceling');
		t.deepEqual(target.takeCancelFeedback('1', feedback(execution, finished)), { status: 200 });
		t.is(target.action('1')?.state, state, execution);
	}
	const late = opened();
	late.cancel('1');
	late.takeFeedback('1', feedback('closed', 'success'));
	t.is(late.action('1')?.state, 'finished', 'a device that was faster than the cancellation has installed');
	t.is(late.takeCancelFeedback('1', feedback('closed', 'success')).status, 410);
});

test('a newer assignment asks the older to cancel, and the device is shown the older until that is settled', (t) => {
	const target = opened();
	target.assign({ id: '2', type: 'forced', distribution: 'os:3' });
	t.deepEqual([target.current?.id, target.current?.state], ['1', 'canceling']);
	target.takeCancelFeedback('1', feedback('closed', 'success'));
	t.deepEqual([target.current?.id, target.current?.state], ['2', 'running']);
	t.throws(() => target.assign({ id: '2', type: 'soft', distribution: 'os:4' }), { message: 'action id: 2 is taken' });
	t.is(target.takeFeedback('9', feedback('closed', 'success')).status, 404);
	t.is(target.takeFeedback('2', feedback('closed', 'success', { id: '1' })).status, 404, 'the id in the body is another');
	t.is(target.takeFeedback('2', feedback('closed', 'success', { id: 2 })).status, 200);
});

test('an action waits for its confirmation, stays where it is denied, and one that is waiting is cancelled at once', (t) => {
	const target = opened({ confirmations: true });
	t.is(target.takeFeedback('1', feedback('closed', 'success')).status, 404);
	target.takeConfirmation('1', parseConfirmation(json({ confirmation: 'denied', details: ['not now'] })));
	t.is(target.action('1')?.state, 'wait-for-confirmation');
	target.takeConfirmation('1', parseConfirmation(json({ confirmation: 'confirmed' })));
	t.is(target.action('1')?.state, 'running');
	t.is(target.takeConfirmation('1', parseConfirmation(json({ confirmation: 'confirmed' }))).status, 410);
	target.assign({ id: '2', type: 'forced', distribution: 'os:3' });
	t.true(target.cancel('2'));
	t.is(target.action('2')?.state, 'canceled');
	target.assign({ id: '3', type: 'forced', distribution: 'os:3' });
	target.setAutoConfirm(true);
	t.is(target.action('3')?.state, 'running');
	t.is(target.assign({ id: '4', type: 'forced', distribution: 'os:3' }).state, 'running');
});

test('a download-only action ends with the download; an action takes no more entries than its quota', (t) => {
	const target = opened({ type: 'download-only' });
	target.takeFeedback('1', feedback('downloaded', 'none'));
	t.is(target.action('1')?.state, 'finished');
	const noisy = new DdiTarget('dev2', { mostEntries: 3 });
	noisy.assign({ id: '1', type: 'forced', distribution: 'os:2' });
	const answers = Array.from({ length: 5 }, () => noisy.takeFeedback('1', feedback('proceeding', 'none')).status);
	t.deepEqual(answers, [200, 200, 200, 403, 403]);
});

test('attributes are merged, replaced and removed', (t) => {
	const target = new DdiTarget('dev1');
	for (const [mode, data] of [
		['merge', { hw: 'r1', os: '1' }],
		['merge', { os: '2' }],
		['remove', { hw: '' }],
	] as const)
		target.takeAttributes(parseConfigData(json({ mode, data })));
	t.deepEqual([...target.attributes], [['os', '2']]);
	target.takeAttributes(parseConfigData(json({ mode: 'replace', data: { hw: 'r2' } })));
	t.deepEqual([...target.attributes], [['hw', 'r2']]);
	t.false(target.wantsAttributes);
});

const hashes = { sha1: 'a'.repeat(40), md5: 'b'.repeat(32) };
const deployment = (change: object) =>
	json({
		id: '1',
		deployment: {
			download: 'forced',
			update: 'forced',
			chunks: [{ part: 'os', name: 'os', version: '2', artifacts: [{ filename: 'a', hashes, size: 1, _links: {}, ...change }] }],
		},
	});

test('what is malformed is refused by the name of its place', (t) => {
	const rows: readonly [(body: Uint8Array) => unknown, Uint8Array, string][] = [
		[parseFeedback, Buffer.from('{'), 'feedback'],
		[parseFeedback, Buffer.from([0x22, 0xff, 0x22]), 'feedback'],
		[parseFeedback, Buffer.alloc((1 << 20) + 1, 0x20), 'feedback'],
		[parseFeedback, Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)), 'feedback'],
		[parseFeedback, json(null), 'feedback'],
		[parseFeedback, json({ status: { execution: 'done', result: { finished: 'success' } } }), 'feedback.status.execution'],
		[parseFeedback, json({ status: { execution: 'closed', result: { finished: true } } }), 'feedback.status.result.finished'],
		[parseFeedback, json({ id: '../1', status: { execution: 'closed', result: { finished: 'none' } } }), 'feedback.id'],
		[parseFeedback, json({ status: { execution: 'closed', result: { finished: 'none' }, details: ['a', 1] } }), 'feedback.status.details.1'],
		[parseConfirmation, json({ confirmation: 'yes' }), 'confirmation.confirmation'],
		[parseConfigData, json({ data: { hw: 1 } }), 'configData.data.hw'],
		[parseConfigData, json({ data: { hw: 'x'.repeat(513) } }), 'configData.data.hw'],
		[parseConfigData, json({ mode: 'add', data: {} }), 'configData.mode'],
		[parseBase, json({ config: { polling: { sleep: '5m' } } }), 'base.config.polling.sleep'],
		[parseDeployment, deployment({ size: -1 }), 'deploymentBase.deployment.chunks.0.artifacts.0.size'],
		[parseDeployment, deployment({ hashes: { ...hashes, sha1: 'short' } }), 'deploymentBase.deployment.chunks.0.artifacts.0.hashes.sha1'],
	];
	for (const [parse, body, place] of rows) {
		const error = t.throws(() => parse(body), { instanceOf: DdiError });
		t.is(error?.place, place);
		t.true(error?.message.startsWith(`${place}: `));
		t.true((error?.message.length ?? 0) < 300);
	}
	for (const body of [Buffer.from([0xff]), Buffer.alloc(0), Buffer.from('80', 'hex'), Buffer.from('9f'.repeat(100_000), 'hex'), Buffer.alloc((1 << 20) + 1)])
		t.is(t.throws(() => parseFeedback(body, 'cbor'), { instanceOf: DdiError })?.place, 'feedback');
	const given = { status: { execution: 'closed', result: { finished: 'success' }, details: ['ä'] } } as const;
	t.deepEqual(parseFeedback(encodeDdi(given, 'cbor'), 'cbor'), given);
	t.is(
		t.throws(() => parseFeedback(encodeDdi({ status: { execution: 'done' } }, 'cbor'), 'cbor'), { instanceOf: DdiError })?.place,
		'feedback.status.execution',
	);
	t.is(parseDeployment(deployment({})).id, '1');
	t.is(({} as Record<string, unknown>)['polluted'], undefined);
});

test('paths are read as hawkBit names them, and nothing else is one', (t) => {
	const root = controllerPath({ tenant: 'DEFAULT', controllerId: 'dev 1/a' });
	t.is(root, '/DEFAULT/controller/v1/dev%201%2Fa');
	for (const [rest, resource] of [
		['', { kind: 'base' }],
		['/configData', { kind: 'configData' }],
		['/deploymentBase/8', { kind: 'deploymentBase', actionId: '8' }],
		['/deploymentBase/8/feedback', { kind: 'deploymentFeedback', actionId: '8' }],
		['/cancelAction/8/feedback', { kind: 'cancelFeedback', actionId: '8' }],
		['/confirmationBase', { kind: 'confirmation' }],
		['/confirmationBase/8', { kind: 'confirmationBase', actionId: '8' }],
		['/confirmationBase/activateAutoConfirm', { kind: 'activateAutoConfirm' }],
		['/installedBase/8', { kind: 'installedBase', actionId: '8' }],
		['/softwaremodules/3/artifacts', { kind: 'artifacts', moduleId: '3' }],
		['/softwaremodules/3/artifacts/a.swu', { kind: 'artifact', moduleId: '3', filename: 'a.swu' }],
		['/softwaremodules/3/artifacts/a.swu.MD5SUM', { kind: 'md5sum', moduleId: '3', filename: 'a.swu' }],
	] as const)
		t.deepEqual(parseDdiPath(root + rest), { tenant: 'DEFAULT', controllerId: 'dev 1/a', resource }, rest);
	for (const rest of [
		'/',
		'/nothing',
		'/deploymentBase',
		'/deploymentBase/x',
		'/deploymentBase/1/2',
		'/installedBase/1/feedback',
		'/constructor/1/feedback',
		'/softwaremodules/3/artifacts/a/b',
		'/softwaremodules/3/artifacts/',
	])
		t.is(parseDdiPath(root + rest), undefined, rest);
	t.is(parseDdiPath('/DEFAULT/controller/v2/dev1'), undefined);
	t.throws(() => parseDdiPath('/DEFAULT/controller/v1/%zz'), { instanceOf: DdiError, message: /^path: "%zz"/ });
});

test('polling times are HH:MM:SS both ways', (t) => {
	for (const [ms, text] of [
		[1000, '00:00:01'],
		[300_000, '00:05:00'],
		[90_061_000, '25:01:01'],
	] as const) {
		t.is(encodeSleep(ms), text);
		t.is(parseSleepMs(text), ms);
	}
});
