export { type AvaTap, AvaTapReader, judgeAvaTap, type TapPoint } from './ava-tap.js';
export { countPoints, encodePoint, escapeTapText, type TapPointText } from './tap-point.js';
export { openTapReporter } from './tap-reporter.js';
