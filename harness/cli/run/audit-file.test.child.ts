import { AuditFile } from './audit-file.js';

/** Appends the same scenario to a trail, again and again, until it is killed; says so each time. For tests. */
const [, , path = '', log = ''] = process.argv;
const trail = new AuditFile(path);
for (;;) {
	trail.appendScenario(log);
	process.stdout.write('.');
}
