/** One word of a POSIX shell, in single quotes whatever it holds. */
export const quoteForShell = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
