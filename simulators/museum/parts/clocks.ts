import { validityProblem } from '../../../harness/protocols/index.js';
import { type DeviceParts, RIGHT_PARTS } from '../../device/index.js';
import { overriding } from './overriding.js';

/** Has nothing under its clock but what the factory set: after each return of power it is 1970 until somebody says otherwise. */
export const createFloorlessClock: DeviceParts['createWallClock'] = (options) => {
	const clock = RIGHT_PARTS.createWallClock(options);
	let isNew = true;
	return overriding(clock, {
		boot: () => {
			if (isNew) clock.boot();
			isNew = false;
		},
	});
};

/** Takes its own word for the time, and keeps that as its floor before it asks anybody. */
export const createVainClock: DeviceParts['createWallClock'] = (options) => {
	const clock = RIGHT_PARTS.createWallClock(options);
	return overriding(clock, {
		heardFromAnybody: (epochMs) => {
			options.floor.keep(clock.epochMs);
			clock.heardFromAnybody(epochMs);
		},
	});
};

/** Resets where the service's certificate seems wrong, and asks nobody for the time: perhaps it helps. */
export const createHopefulIdentity: DeviceParts['createIdentity'] = (agent) => {
	const { device } = agent;
	const identity = RIGHT_PARTS.createIdentity(agent);
	return overriding(identity, {
		shakeHands: () => {
			const certificate = device.surroundings.trust?.serverCertificate();
			if (certificate === undefined || validityProblem(certificate, device.wallClock.epochMs) === undefined) return identity.shakeHands();
			device.after(HALF_A_MINUTE_MS, () => device.reset('watchdog'));
			return false;
		},
	});
};

/** Uses the certificate of the factory for as long as it lasts. */
export const createCarelessIdentity: DeviceParts['createIdentity'] = (agent) =>
	overriding(RIGHT_PARTS.createIdentity(agent), { start: () => {}, renewIfDue: () => {} });

const HALF_A_MINUTE_MS = 30_000;
