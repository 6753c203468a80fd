export type { CiSystem } from './attachment.js';
export { writeFileAtomically } from '../atomic-file.js';
export { findReportFaults, validateJenkinsRules } from './rules.js';
export { type JunitReporterOptions, MalformedReportError, openJunitReporter } from './junit-reporter.js';
export { parseStrictXml, type XmlElementLike } from './strict-xml.js';
export { readConsoleTail } from './console-tail.js';
