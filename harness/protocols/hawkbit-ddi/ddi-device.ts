import { DdiError } from './ddi-error.js';
import {
	type DdiAddress,
	type DdiFormat,
	type DdiMemory,
	type DdiOutcome,
	type DdiStep,
	tellAttributes,
	tellDecision,
	tellFeedback,
} from './ddi-device-step.js';
import { type DdiBase, type DdiDeployment, parseBase, parseCancelAction, parseConfirmationRequest, parseDeployment, parseSleepMs } from './ddi-messages.js';
import { parseDdiPath } from './ddi-path.js';

/** `later` is told as rejected and asked again at the next poll; `never` closes the action as failed. */
export type DdiDecision = { readonly kind: 'install' } | { readonly kind: 'later' | 'never'; readonly reason: string };

export interface DdiDeviceOptions {
	/** The controller's own resource: `http://host/{tenant}/controller/v1/{controllerId}`. */
	readonly rootUrl: string;
	readonly attributes?: Readonly<Record<string, string>>;
	/** `json` by default. */
	readonly format?: DdiFormat;
	/** What was kept before a restart. */
	readonly memory?: DdiMemory;
	/** What the bootloader says of an installation that the restart came from. */
	readonly outcome?: DdiOutcome;
	readonly decide?: (deployment: DdiDeployment) => DdiDecision;
	readonly confirms?: (actionId: string) => boolean;
	/** Until the next try where something failed, and between polls before the server has said how long. Default 5000. */
	readonly retryMs?: number;
}

export interface DdiReply {
	readonly status: number;
	readonly body: Uint8Array;
}

/**
 * The device's side of the DDI API as a state machine without a socket or a clock: `step` is what is to be done, and one of the
 * methods says how that went. An action is installed once: its outcome is kept and told until the server answers.
 */
export class DdiDevice {
	memory: DdiMemory;
	readonly #options: DdiDeviceOptions;
	readonly #rootUrl: string;
	readonly #retryMs: number;
	#todo: DdiStep[] = [];
	#deployment: DdiDeployment | undefined;
	#sleepMs: number;

	constructor(options: DdiDeviceOptions) {
		this.#options = options;
		this.#rootUrl = options.rootUrl.replace(/\/$/, '');
		this.#retryMs = options.retryMs ?? 5000;
		this.#sleepMs = this.#retryMs;
		this.memory = options.memory ?? {};
		const { actionId, stage, outcome } = this.memory;
		if (actionId !== undefined && stage === 'installing' && options.outcome) this.#end(actionId, options.outcome);
		else if (actionId !== undefined && stage === 'over' && outcome) this.#end(actionId, outcome);
	}

	/** Of the bodies that go both ways. */
	get format(): DdiFormat {
		return this.#options.format ?? 'json';
	}

	get baseUrl(): string {
		return this.#rootUrl;
	}

	get step(): DdiStep {
		return this.#todo[0] ?? { kind: 'ask', what: 'base', url: this.#rootUrl };
	}

	/** The server's answer to a request. One that cannot be read changes nothing, and the device asks again later. */
	answered({ status, body }: DdiReply): void {
		const { step } = this;
		if (step.kind === 'tell') return this.#told(step, status);
		if (step.kind !== 'ask') throw new TypeError(`answered: the step is ${step.kind}, no request`);
		this.#todo.shift();
		if (status !== 200) return this.#wait(status === 304 ? this.#sleepMs : this.#retryMs);
		try {
			this.#read(step, body);
		} catch (error) {
			if (!(error instanceof DdiError)) throw error;
			if (step.what === 'deployment') this.#end(this.#idOf(step.url), { result: 'failure', details: [error.message] });
			else this.#wait(this.#retryMs);
		}
	}

	/** No answer came at all. */
	failed(): void {
		this.#todo = this.step.kind === 'tell' ? [{ kind: 'wait', forMs: this.#retryMs }, ...this.#todo] : [{ kind: 'wait', forMs: this.#retryMs }];
	}

	waited(): void {
		this.#expect('wait');
		this.#todo.shift();
	}

	/** Whether a base resource that came during a download calls the download off. */
	isCalledOff(base: Uint8Array): boolean {
		const { cancelAction } = parseBase(base, this.format)._links;
		return cancelAction !== undefined && this.#idOf(cancelAction.href) === this.memory.actionId;
	}

	/** `called-off`: stopped for a cancellation, which the next poll brings. */
	downloaded(result: 'whole' | 'called-off' | { readonly problem: string }): void {
		const { actionId } = this.#expect('download');
		this.#todo = [];
		if (result === 'called-off') return;
		if (result !== 'whole') return this.#end(actionId, { result: 'failure', details: [result.problem] });
		this.memory = { ...this.memory, stage: 'downloaded' };
		this.#todo.push(tellFeedback(this.#address, { actionId, what: 'progress', execution: 'downloaded' }));
		if (this.#mayInstall()) this.#todo.push({ kind: 'install', actionId, chunks: this.#deployment?.deployment.chunks ?? [] });
		else this.#todo.push({ kind: 'wait', forMs: this.#sleepMs });
	}

	/** Before anything is written: what is kept says so, should the power go. */
	installing(): void {
		this.#expect('install');
		this.memory = { ...this.memory, stage: 'installing' };
	}

	installed(outcome: DdiOutcome): void {
		const { actionId } = this.#expect('install');
		this.#todo = [];
		this.#end(actionId, outcome);
	}

	#read({ what, url }: Extract<DdiStep, { kind: 'ask' }>, body: Uint8Array): void {
		switch (what) {
			case 'base':
				return this.#readBase(parseBase(body, this.format));
			case 'deployment':
				return this.#readDeployment(parseDeployment(body, this.format));
			case 'confirmation': {
				const { id } = parseConfirmationRequest(body, this.format);
				this.#todo.push(tellDecision(this.#address, { actionId: id, isConfirmed: this.#options.confirms?.(id) ?? true }));
				return this.#wait(this.#sleepMs);
			}
			case 'cancelAction':
				return this.#cancel(this.#idOf(url), parseCancelAction(body, this.format).cancelAction.stopId);
		}
	}

	#readBase({ config, _links: links }: DdiBase): void {
		this.#sleepMs = parseSleepMs(config.polling.sleep);
		if (links.configData) this.#todo.push(tellAttributes(this.#address, this.#options.attributes ?? {}));
		if (links.cancelAction) this.#todo.push({ kind: 'ask', what: 'cancelAction', url: this.#ours(links.cancelAction.href) });
		else if (links.confirmationBase) this.#todo.push({ kind: 'ask', what: 'confirmation', url: this.#ours(links.confirmationBase.href) });
		else if (links.deploymentBase) this.#begin(this.#ours(links.deploymentBase.href));
		else this.#wait(this.#sleepMs);
	}

	/** An action whose outcome is known is told again and never installed again. */
	#begin(url: string): void {
		const actionId = this.#idOf(url);
		const { settled } = this.memory;
		if (settled?.actionId === actionId) this.#end(actionId, settled.outcome);
		else this.#todo.push({ kind: 'ask', what: 'deployment', url });
	}

	#readDeployment(deployment: DdiDeployment): void {
		const { id: actionId } = deployment;
		const { download, chunks } = deployment.deployment;
		this.#deployment = deployment;
		if (download === 'skip' || (this.#isDownloaded(actionId) && !this.#mayInstall())) return this.#wait(this.#sleepMs);
		const decision = this.#options.decide?.(deployment) ?? { kind: 'install' };
		if (decision.kind === 'never') return this.#end(actionId, { result: 'failure', details: [decision.reason] });
		if (decision.kind === 'later') {
			this.#todo.push(tellFeedback(this.#address, { actionId, what: 'progress', execution: 'rejected', details: [decision.reason] }));
			return this.#wait(this.#sleepMs);
		}
		this.memory = { ...this.memory, actionId, stage: 'downloading' };
		this.#todo.push(tellFeedback(this.#address, { actionId, what: 'progress', execution: 'download' }), {
			kind: 'download',
			actionId,
			artifacts: chunks.flatMap(({ artifacts }) => artifacts),
		});
	}

	/** What is being written, or has been, is not undone: such a cancellation is refused. */
	#cancel(actionId: string, stopId: string): void {
		const { stage } = this.memory;
		const isTooLate = this.memory.actionId === stopId && (stage === 'installing' || stage === 'over');
		const answer = isTooLate
			? ({ execution: 'rejected', details: ['the installation has begun'] } as const)
			: ({ execution: 'closed', finished: 'success' } as const);
		this.#todo.push(tellFeedback(this.#address, { actionId, what: 'cancelled', ...answer }));
		this.#wait(this.#sleepMs);
		if (!isTooLate && this.memory.actionId === stopId) this.#forget();
	}

	#told({ what }: Extract<DdiStep, { kind: 'tell' }>, status: number): void {
		const isKnown = status >= 200 && status < 300;
		const isGone = status === 404 || status === 405 || status === 410;
		if (!isKnown && !isGone && status !== 400 && status !== 403) return this.failed();
		this.#todo.shift();
		const { actionId, outcome } = this.memory;
		if (what === 'outcome' && actionId !== undefined && outcome) this.memory = { settled: { actionId, outcome } };
		if (what !== 'progress' || isKnown) return;
		this.#todo = [];
		this.#forget();
		this.#wait(this.#sleepMs);
	}

	#end(actionId: string, outcome: DdiOutcome): void {
		this.memory = { ...this.memory, actionId, stage: 'over', outcome };
		this.#todo.push(tellFeedback(this.#address, { actionId, what: 'outcome', execution: 'closed', finished: outcome.result, details: outcome.details }));
		this.#wait(this.#sleepMs);
	}

	get #address(): DdiAddress {
		return { rootUrl: this.#rootUrl, format: this.format };
	}

	#forget(): void {
		const { settled } = this.memory;
		this.memory = settled ? { settled } : {};
	}

	#wait(forMs: number): void {
		this.#todo.push({ kind: 'wait', forMs });
	}

	#isDownloaded(actionId: string): boolean {
		return this.memory.actionId === actionId && this.memory.stage === 'downloaded';
	}

	#mayInstall(): boolean {
		const { update, maintenanceWindow } = this.#deployment?.deployment ?? { update: 'skip' };
		return update !== 'skip' && maintenanceWindow !== 'unavailable';
	}

	/** A link of the server's own; credentials go nowhere else. */
	#ours(href: string): string {
		const url = URL.canParse(href, this.#rootUrl) ? new URL(href, this.#rootUrl) : undefined;
		if (url?.origin !== new URL(this.#rootUrl).origin) throw new DdiError('base._links', `${JSON.stringify(href.slice(0, 100))} is not of ${this.#rootUrl}`);
		return url.href;
	}

	#idOf(href: string): string {
		const resource = URL.canParse(href, this.#rootUrl) ? parseDdiPath(new URL(href, this.#rootUrl).pathname)?.resource : undefined;
		if (!resource || !('actionId' in resource)) throw new DdiError('base._links', `${JSON.stringify(href.slice(0, 100))} is of no action`);
		return resource.actionId;
	}

	#expect<K extends DdiStep['kind']>(kind: K): Extract<DdiStep, { kind: K }> {
		const { step } = this;
		if (step.kind !== kind) throw new TypeError(`${kind}: the step is ${step.kind}`);
		return step as Extract<DdiStep, { kind: K }>;
	}
}
