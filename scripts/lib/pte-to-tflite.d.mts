export function pteToTflite(bytes: Uint8Array, method?: string): Uint8Array;
