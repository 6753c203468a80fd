import type { BlackstartEvent } from '../../harness/events/index.js';
import { tellEvent } from '../record/index.js';
import type { Mark } from './run-data.js';

const SORTS: Readonly<Partial<Record<BlackstartEvent['kind'], Mark['sort']>>> = {
	'rollout-wave': 'wave',
	'rollout-gate': 'gate',
	'rollout-halted': 'halt',
	'rollout-rolled-back': 'halt',
	'deployment-ordered': 'order',
	'deployment-cancelled': 'order',
	'broker-stopped': 'outage',
	'broker-started': 'outage',
	'service-stopped': 'outage',
	'service-started': 'outage',
	'service-restored': 'outage',
	'scenario-step': 'step',
};

/** The line that an event draws through the fleet's chart, or undefined. */
export const markOf = (event: BlackstartEvent): Mark | undefined => {
	const sort = SORTS[event.kind];
	if (sort === undefined || !('at' in event)) return undefined;
	const text =
		event.kind === 'deployment-ordered'
			? `${event.release} is sent to ${event.devices} devices`
			: event.kind === 'deployment-cancelled'
				? `${event.job} is taken back from ${event.devices} devices`
				: (tellEvent(event)?.replace(/^\S+ {2}/, '') ?? event.kind);
	return { at: event.at, sort, text: text.slice(0, 300) };
};
