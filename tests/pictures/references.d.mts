interface Reference {
  width: number;
  height: number;
  rgb: Uint8Array | undefined;
  message?: string;
}
export function byChromium(page: unknown, bytes: Uint8Array): Promise<Reference>;
export function byLibvips(bytes: Uint8Array): Promise<Reference>;
