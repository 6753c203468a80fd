import type { BlackstartEvent } from '../../harness/events/index.js';
import type { FleetCampaignOptions } from '../../harness/ports/index.js';
import type { Clock } from '../../harness/time/index.js';

/** What is done to a campaign's controller from outside, with evidence: none where the campaign had ended before. */
export const disturbCampaign = (
	campaign: string,
	{
		clock,
		record,
		killAfterMs,
		abort,
	}: {
		readonly clock: Clock;
		readonly record: (event: BlackstartEvent) => void;
		readonly killAfterMs: number | undefined;
		readonly abort: FleetCampaignOptions['abort'] | undefined;
	},
): { readonly killed: AbortSignal; readonly orders: AbortSignal; forget(): void } => {
	const killer = new AbortController();
	const orders = new AbortController();
	const later = (fault: 'controller-kill' | 'campaign-abort', afterMs: number, happen: () => void) => {
		record({ kind: 'fault-armed', at: clock.nowMs, fault, detail: `campaign ${campaign}` });
		return clock.after(afterMs, () => {
			record({ kind: 'fault-fired', at: clock.nowMs, fault, detail: `campaign ${campaign}` });
			happen();
		});
	};
	const killing = killAfterMs === undefined ? undefined : later('controller-kill', killAfterMs, () => killer.abort());
	const { afterMs, ...order } = abort ?? { afterMs: 0 };
	const ordering = abort === undefined ? undefined : later('campaign-abort', afterMs, () => orders.abort(order));
	return {
		killed: killer.signal,
		orders: orders.signal,
		forget: () => {
			killing?.cancel();
			ordering?.cancel();
		},
	};
};
