/** Spans of a page that look like paths of the project and are none. */
export function missingPaths(text: string, files: string[]): string[];
