import type { DeviceParts } from '../../device/index.js';

type Delay = DeviceParts['reconnectDelayMs'];

/** Dials again after the same second each time. */
export const dialEverySecond: Delay = () => 1_000;

/** Dials again at once. */
export const dialAtOnce: Delay = () => 50;

/** Waits twice as long each time, as long as everybody else. */
export const doubleTogether: Delay = (_device, failures) => Math.min(60_000, 1_000 * 2 ** failures);

/** Dials again on the next full minute of its clock. */
export const dialOnTheMinute: Delay = ({ clock }) => 60_000 - (clock.epochMs % 60_000);

/** Dials as soon as it has booted, whatever the reason for the boot. */
export const dialOnceBooted: DeviceParts['firstDialDelayMs'] = () => 0;

/** Takes any answer for proof that a connection is of use. */
export const provedByAnAnswer: DeviceParts['provedItself'] = ({ heard }) => heard;
