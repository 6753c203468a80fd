import { quoteForShell } from '../../../reports/text/index.js';
import { encodeReduction, type Reduction } from '../../scenario/index.js';
import { formatTime } from './flag-values.js';
import type { CampaignRequest } from './simulated-campaign.js';

/** The command that carries the same campaign, or what a reduction leaves of it, out again. */
export const describeAgain = (
	{ seed, devices, behaviour, weakRatio, drifted, killAfterMs, abortAfterMs }: CampaignRequest,
	{ planFile, reduction }: { readonly planFile: string; readonly reduction: Reduction },
): string =>
	[
		`blackstart campaign ${/^[\w./@-]+$/.test(planFile) ? planFile : quoteForShell(planFile)} --seed ${seed} --devices ${devices}`,
		...(behaviour === 'healthy' ? [] : [`--behaviour ${behaviour}`]),
		...(weakRatio === 0 ? [] : [`--failure-rate ${weakRatio}`]),
		...(drifted === 0 ? [] : [`--drift ${drifted}`]),
		...(killAfterMs === undefined ? [] : [`--kill-after ${formatTime(killAfterMs)}`]),
		...(abortAfterMs === undefined ? [] : [`--abort-after ${formatTime(abortAfterMs)}`]),
		...encodeReduction(reduction).map((part) => `--${part.replace('=', ' ')}`),
	].join(' ');
