export function referencePixels(
  bytes: Uint8Array,
  options?: { upright?: boolean },
): Promise<{ rgb: Uint8Array; width: number; height: number }>;
export function differences(
  actual: Uint8Array,
  expected: Uint8Array,
): { different: number; largest: number };
