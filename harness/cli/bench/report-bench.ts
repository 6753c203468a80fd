import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HtmlReport } from '../../../reports/index.js';
import { createSampleFleet } from '../../../reports/html/index.js';
import { measureUsage, type Usage } from './usage.js';

export interface ReportMeasurement {
	readonly devices: number;
	readonly events: number;
	readonly usage: Usage;
	readonly notes: readonly string[];
}

/** The page of a fleet's update, from its events to the file. */
export const measureReport = async (devices: number): Promise<ReportMeasurement> => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-report-bench-'));
	const path = join(folder, 'report.html');
	try {
		const fed = createSampleFleet({ scenario: 'fleet', title: 'goes out', devices });
		const { usage } = await measureUsage(async () => {
			const report = new HtmlReport();
			for (const [event, scenario] of fed) report.observe(event, scenario);
			report.write(path);
		});
		return { devices, events: fed.length, usage, notes: [`the file is ${Math.round(statSync(path).size / 1024).toLocaleString('en')} KiB`] };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
};
