import { messageOf } from '../drivers/deadline.js';
import { monotonicMs } from '../drivers/monotonic.js';
import { answerCall } from './answer-call.js';
import { createGuardianLog } from './guardian-log.js';
import { Held } from './held.js';
import { HEARTBEAT_LIMIT_MS, LONGEST_SILENCE_MS } from './heartbeat.js';
import type { FromGuardian, PlainError, ToGuardian } from './message.js';
import { Starvation } from './starvation.js';

const LOOK_EVERY_MS = HEARTBEAT_LIMIT_MS / 10;

/**
 * The guardian: `guardian-process.js [LOG]`, with a channel to the runner that started it. It holds the rig's lines and supplies, and makes them
 * safe when the runner ends the channel, dies, or no longer beats.
 */
const [logFile] = process.argv.slice(2);
const log = createGuardianLog(logFile);
const held = new Held(log);
const opening = new Set<Promise<unknown>>();
const starvation = new Starvation(process.ppid);
let silentMs = 0;
let lastLookMs = monotonicMs();
let ending = false;

const say = (message: FromGuardian): void => {
	if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

const end = async (reason: string): Promise<void> => {
	if (ending) return;
	ending = true;
	clearInterval(beats);
	log({ kind: 'ending', reason });
	await held.makeSafe();
	// What was being opened meanwhile is made safe too; a driver that never answers does not hold up the end.
	await Promise.race([Promise.allSettled(opening), new Promise((resolve) => setTimeout(resolve, HEARTBEAT_LIMIT_MS))]);
	await held.makeSafe();
	log({ kind: 'ended' });
};

const toPlainError = (error: unknown): PlainError => ({
	name: error instanceof Error ? error.name : 'Error',
	code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown',
	message: messageOf(error),
});

const take = async (message: ToGuardian): Promise<void> => {
	silentMs = 0;
	starvation.begin();
	if ('beat' in message) return;
	const { id } = message;
	try {
		if (message.call === 'end') await end('the runner closed the rig');
		else if (ending) throw new Error('the guardian is making the rig safe');
		else {
			const answer = answerCall(message, { held, id });
			opening.add(answer);
			const value = await answer.finally(() => opening.delete(answer));
			if (message.call.startsWith('open') || message.call === 'power') log({ ...message, kind: message.call, options: undefined, value });
			return say({ id, ok: true, value });
		}
		say({ id, ok: true, value: undefined });
		process.exit(0);
	} catch (error) {
		if ('call' in message) log({ kind: 'failed', call: message.call, error: messageOf(error) });
		say({ id, ok: false, error: toPlainError(error) });
	}
};

const endBy = (reason: string): void => void end(reason).then(() => process.exit(0));

/** A guardian that was held up itself, by loading a driver, has not looked: such time does not count as the runner's silence. */
const beats = setInterval(() => {
	const nowMs = monotonicMs();
	silentMs += Math.min(nowMs - lastLookMs, 2 * LOOK_EVERY_MS);
	lastLookMs = nowMs;
	if (silentMs <= HEARTBEAT_LIMIT_MS) return;
	if (silentMs > LONGEST_SILENCE_MS || silentMs - starvation.waitedMs > HEARTBEAT_LIMIT_MS) endBy(`no heartbeat of the runner for ${Math.round(silentMs)} ms`);
}, LOOK_EVERY_MS);

process.on('message', (message) => void take(message as ToGuardian));
process.on('disconnect', () => endBy('the runner is gone'));
process.on('SIGTERM', () => endBy('SIGTERM'));
// A terminal's interrupt is for the runner: it ends the rig in order, or dies and is seen to.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
	process.on(event, (error: unknown) => {
		log({ kind: 'fault', event, error: messageOf(error) });
		endBy(`a fault of the guardian: ${messageOf(error)}`);
	});
}

log({ kind: 'started', pid: process.pid, runner: process.ppid });
say({ ready: true });
