export { LayoutError, type ModuleLayout, parseLayout } from './parse-layout.js';
