export function oddPictures(): Record<string, Uint8Array>;
