import { afterCancelFeedback, afterFeedback, type DdiActionState, type DdiActionType, isClosed } from './ddi-action.js';
import type { DdiConfigData, DdiConfirmation, DdiFeedback } from './ddi-messages.js';

/** An update that a target was given, as its server holds it. */
export interface DdiAction {
	readonly id: string;
	readonly type: DdiActionType;
	/** Names what is installed; the server knows its modules. */
	readonly distribution: string;
	state: DdiActionState;
	/** The bodies of all feedback in order, the device's and the server's own words. */
	readonly history: DdiActionEntry[];
}

export interface DdiActionEntry {
	readonly state: DdiActionState;
	readonly from: 'device' | 'server';
	readonly messages: readonly string[];
}

export interface DdiTargetOptions {
	/** Whether actions wait until the device says `confirmed`. */
	readonly confirmations?: boolean;
	/** Whether the server still asks for the device's attributes. */
	readonly wantsAttributes?: boolean;
	/** Entries an action keeps; feedback beyond them is refused, as by hawkBit's quota. Default 1000. */
	readonly mostEntries?: number;
	/** Told of each entry of an action, once it is there. */
	onEntry?(action: DdiAction): void;
	/** Told when the device has said its attributes anew. */
	onAttributes?(attributes: ReadonlyMap<string, string>): void;
}

/** An HTTP status is the whole answer to feedback. */
export type FeedbackAnswer = { readonly status: 200 } | { readonly status: 403 | 404 | 405 | 410; readonly problem: string };

const OK: FeedbackAnswer = { status: 200 };

/** The server's side of one device: its actions in order, the oldest open one being what the device is shown. */
export class DdiTarget {
	readonly controllerId: string;
	readonly actions: DdiAction[] = [];
	readonly attributes = new Map<string, string>();
	wantsAttributes: boolean;
	autoConfirm = false;
	/** What was last installed with success. */
	installed: DdiAction | undefined;
	readonly #confirmations: boolean;
	readonly #mostEntries: number;
	readonly #hooks: Pick<DdiTargetOptions, 'onEntry' | 'onAttributes'>;

	constructor(controllerId: string, { confirmations = false, wantsAttributes = true, mostEntries = 1000, ...hooks }: DdiTargetOptions = {}) {
		this.controllerId = controllerId;
		this.wantsAttributes = wantsAttributes;
		this.#confirmations = confirmations;
		this.#mostEntries = mostEntries;
		this.#hooks = hooks;
	}

	/** The oldest open action: a device is shown one thing at a time. */
	get current(): DdiAction | undefined {
		return this.actions.find(({ state }) => !isClosed(state));
	}

	action(actionId: string): DdiAction | undefined {
		return this.actions.find(({ id }) => id === actionId);
	}

	/** A new assignment; the open ones before it are asked to cancel. */
	assign({ id, type, distribution }: Pick<DdiAction, 'id' | 'type' | 'distribution'>): DdiAction {
		if (this.action(id)) throw new TypeError(`action id: ${id} is taken`);
		for (const { id: open, state } of this.actions) if (!isClosed(state) && state !== 'canceling') this.cancel(open);
		const state = this.#confirmations && !this.autoConfirm ? 'wait-for-confirmation' : 'running';
		const action: DdiAction = { id, type, distribution, state, history: [] };
		this.actions.push(action);
		return action;
	}

	/** Asks the device to stop; one that was not even confirmed is cancelled at once. False where there is nothing to cancel. */
	cancel(actionId: string): boolean {
		const action = this.action(actionId);
		if (!action || isClosed(action.state) || action.state === 'canceling') return false;
		this.#enter(action, { state: action.state === 'wait-for-confirmation' ? 'canceled' : 'canceling', from: 'server', messages: ['cancellation asked for'] });
		return true;
	}

	takeFeedback(actionId: string, feedback: DdiFeedback): FeedbackAnswer {
		const found = this.#open(actionId, feedback);
		if ('problem' in found) return found;
		if (found.state === 'wait-for-confirmation') return { status: 404, problem: `action ${actionId} was not confirmed` };
		this.#enter(found, {
			state: afterFeedback(found.state, { type: found.type, status: feedback.status }),
			from: 'device',
			messages: feedback.status.details ?? [],
		});
		if (found.state === 'finished') this.installed = found;
		return OK;
	}

	takeCancelFeedback(actionId: string, feedback: DdiFeedback): FeedbackAnswer {
		const found = this.#open(actionId, feedback);
		if ('problem' in found) return found;
		if (found.state !== 'canceling') return { status: 405, problem: `action ${actionId} is ${found.state}; nobody asked to cancel it` };
		this.#enter(found, { state: afterCancelFeedback(feedback), from: 'device', messages: feedback.status.details ?? [] });
		return OK;
	}

	/** `denied` leaves the action waiting, as hawkBit does: people may still confirm it. */
	takeConfirmation(actionId: string, { confirmation, details }: DdiConfirmation): FeedbackAnswer {
		const found = this.#open(actionId, {});
		if ('problem' in found) return found;
		if (found.state !== 'wait-for-confirmation') return { status: 410, problem: `action ${actionId} waits for no confirmation` };
		this.#enter(found, { state: confirmation === 'confirmed' ? 'running' : found.state, from: 'device', messages: [confirmation, ...(details ?? [])] });
		return OK;
	}

	setAutoConfirm(isOn: boolean): void {
		this.autoConfirm = isOn;
		if (!isOn) return;
		for (const action of this.actions)
			if (action.state === 'wait-for-confirmation') this.#enter(action, { state: 'running', from: 'server', messages: ['confirmed by itself'] });
	}

	takeAttributes({ mode, data }: DdiConfigData): void {
		if (mode === 'replace') this.attributes.clear();
		for (const [key, value] of Object.entries(data)) {
			if (mode === 'remove') this.attributes.delete(key);
			else this.attributes.set(key, value);
		}
		this.wantsAttributes = false;
		this.#hooks.onAttributes?.(this.attributes);
	}

	#open(actionId: string, { id }: { readonly id?: string | undefined }): DdiAction | Exclude<FeedbackAnswer, { status: 200 }> {
		const action = this.action(actionId);
		if (!action) return { status: 404, problem: `there is no action ${actionId} of ${this.controllerId}` };
		if (id !== undefined && id !== actionId) return { status: 404, problem: `feedback.id: ${id} came for action ${actionId}` };
		if (isClosed(action.state)) return { status: 410, problem: `action ${actionId} is ${action.state}` };
		if (action.history.length >= this.#mostEntries) return { status: 403, problem: `action ${actionId} has its ${this.#mostEntries} entries` };
		return action;
	}

	#enter(action: DdiAction, entry: DdiActionEntry): void {
		action.state = entry.state;
		action.history.push(entry);
		this.#hooks.onEntry?.(action);
	}
}
