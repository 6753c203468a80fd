export { HtmlReport } from './html-report.js';
