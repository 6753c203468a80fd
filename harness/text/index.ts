export { editDistance } from './edit-distance.js';
export { encodeRanges, parseRanges } from './number-ranges.js';
