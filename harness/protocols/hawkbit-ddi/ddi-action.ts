import type { DdiFeedback } from './ddi-messages.js';

/**
 * The states of an action on hawkBit's side. `canceling`: the device has been asked to stop and has not answered.
 * A device that refuses a cancellation leaves the action running.
 */
export type DdiActionState = 'wait-for-confirmation' | 'running' | 'download' | 'downloaded' | 'warning' | 'canceling' | 'finished' | 'error' | 'canceled';

export type DdiActionType = 'forced' | 'soft' | 'download-only';

export const isClosed = (state: DdiActionState): boolean => state === 'finished' || state === 'error' || state === 'canceled';

/** What feedback on a deployment makes of an action that is open. Everything closed but a failure counts as finished, `none` too: so hawkBit has it. */
export const afterFeedback = (state: DdiActionState, { type, status }: { readonly type: DdiActionType } & Pick<DdiFeedback, 'status'>): DdiActionState => {
	switch (status.execution) {
		case 'closed':
			return status.result.finished === 'failure' ? 'error' : 'finished';
		case 'canceled':
			return 'canceled';
		case 'downloaded':
			if (type === 'download-only') return 'finished';
			return state === 'canceling' ? state : 'downloaded';
		case 'download':
			return state === 'canceling' ? state : 'download';
		case 'rejected':
			return state === 'canceling' ? state : 'warning';
		case 'proceeding':
		case 'scheduled':
		case 'resumed':
			return state === 'canceling' ? state : 'running';
	}
};

/** What feedback on a cancellation makes of an action that is canceling. */
export const afterCancelFeedback = ({ status }: Pick<DdiFeedback, 'status'>): DdiActionState => {
	if (status.execution === 'rejected') return 'running';
	if (status.execution === 'closed' || status.execution === 'canceled') return status.result.finished === 'failure' ? 'running' : 'canceled';
	return 'canceling';
};
