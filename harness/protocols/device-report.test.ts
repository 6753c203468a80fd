import test from 'ava';
import { type DeviceReport, encodeDeviceReport, parseDeviceReport, reportTopic } from './device-report.js';

const REPORT: DeviceReport = {
	version: '1.2.3',
	hardware: 'rev-a',
	digest: 'ab'.repeat(32),
	boots: 3,
	resetCause: 'power-on',
	watchdogResets: 0,
	errors: 0,
	temperatureC: -12.5,
	freeMemoryBytes: 20_000,
};

test('a report is read as it was written, unknown keys passed over', (t) => {
	t.deepEqual(parseDeviceReport(encodeDeviceReport(REPORT)), REPORT);
	const more = { ...REPORT, settings: 'cd'.repeat(32) };
	t.deepEqual(parseDeviceReport(encodeDeviceReport(more)), more);
	t.deepEqual(parseDeviceReport(Buffer.from(JSON.stringify({ ...REPORT, uptime: 5, nested: { a: [] } }))), REPORT);
	t.is(reportTopic('t1'), 'blackstart/things/t1/report');
});

test('without any one of its fields, or with one of another type, it is no report', (t) => {
	for (const name of Object.keys(REPORT)) {
		const { [name as keyof DeviceReport]: value, ...rest } = REPORT;
		t.is(parseDeviceReport(Buffer.from(JSON.stringify(rest))), undefined, name);
		const wrong = { ...REPORT, [name]: typeof value === 'string' ? 5 : 'x' };
		t.is(parseDeviceReport(Buffer.from(JSON.stringify(wrong))), undefined, name);
	}
	t.is(parseDeviceReport(Buffer.from(JSON.stringify({ ...REPORT, settings: 5 }))), undefined);
	for (const text of ['', '{', 'null', '[]', '7']) t.is(parseDeviceReport(Buffer.from(text)), undefined);
	t.is(parseDeviceReport(Buffer.from(JSON.stringify({ ...REPORT, more: 'x'.repeat(20_000) }))), undefined);
});
