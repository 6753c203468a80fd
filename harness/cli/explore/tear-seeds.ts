/** Drawn tears of each kind for each operation. */
export const TEAR_SEEDS = 2;
