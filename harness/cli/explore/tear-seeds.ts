/** Drawn tears of each kind for each operation, where nobody says how many. */
export const TEAR_SEEDS = 2;
export const MOST_TEAR_SEEDS = 64;
