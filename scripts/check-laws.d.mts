/** Breaches of all laws by these files, as text. `read` gives the text of a path. */
export function findBreaches(paths: string[], read: (path: string) => string): string[];
