export { formatDuration, formatVirtualTime } from './duration.js';
export { boundLines, scrubLine, scrubText } from './scrub.js';
export { quoteForShell } from './shell-quote.js';
export { fitWidth, measureWidth, padWidth, wrapWidth } from './width.js';
