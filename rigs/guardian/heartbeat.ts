/** How often a runner beats. */
export const HEARTBEAT_MS = 150;

/** After so long without a beat its guardian makes the rig safe: with the switching, well within two seconds. */
export const HEARTBEAT_LIMIT_MS = 1200;
