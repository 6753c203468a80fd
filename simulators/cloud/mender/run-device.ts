import type { MenderDeployment, MenderDevice, MenderOutcome } from '../../../harness/protocols/mender/index.js';
import type { Clock } from '../../../harness/time/index.js';
import { askServer, type HttpPort } from '../artifacts/index.js';

export interface MenderRunOptions {
	readonly http: HttpPort;
	readonly clock: Clock;
	/** Brings the artifact to the device, whole; what goes wrong is the text that is reported. */
	readonly download: (deployment: MenderDeployment, signal: AbortSignal) => Promise<'whole' | { readonly problem: string }>;
	readonly install: (deployment: MenderDeployment) => Promise<MenderOutcome | 'to-be-run'> | MenderOutcome | 'to-be-run';
	/** Throws away what was installed and is not to be run. */
	readonly discard: () => void;
	/** Ends the run, in the middle of a request too, as a power cut does. */
	readonly signal: AbortSignal;
}

/** Does what a device's state machine says, over HTTP, until the signal, or until it is to be restarted: then it returns `restart`. */
export const runMenderDevice = async (device: MenderDevice, options: MenderRunOptions): Promise<'restart' | 'stopped'> => {
	const { clock, signal } = options;
	while (!signal.aborted) {
		const { step } = device;
		switch (step.kind) {
			case 'wait':
				await clock.sleep(step.forMs, 'the next poll');
				if (!signal.aborted) device.waited();
				break;
			case 'request': {
				const reply = await askServer(step, options);
				if (signal.aborted) break;
				if (reply) device.answered(reply);
				else device.failed();
				break;
			}
			case 'download': {
				const result = await options.download(step.deployment, signal);
				if (!signal.aborted) device.downloaded(result);
				break;
			}
			case 'install': {
				device.installing();
				const outcome = await options.install(step.deployment);
				if (!signal.aborted) device.installed(outcome);
				break;
			}
			case 'discard':
				options.discard();
				device.discarded();
				break;
			case 'restart':
				return 'restart';
		}
	}
	return 'stopped';
};
