/** How often a runner beats. */
export const HEARTBEAT_MS = 150;

/** After so long without a beat its guardian makes the rig safe: with the switching, well within two seconds. */
export const HEARTBEAT_LIMIT_MS = 1200;

/** However busy the machine is, a runner that was not heard for so long is given up. */
export const LONGEST_SILENCE_MS = 10_000;
