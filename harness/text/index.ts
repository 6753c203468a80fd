export { editDistance } from './edit-distance.js';
export { nearestName } from './nearest-name.js';
export { encodeRanges, parseRanges } from './number-ranges.js';
export { parseSize } from './parse-size.js';
