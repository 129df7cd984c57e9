import type { RawModule } from '../../wasm/module.js';

export const SLOW: number;
export const GROWTH: number;

export interface Measured {
  outcome: 'decoded' | 'refused' | 'trap';
  code?: number;
  message?: string;
  /** ms */
  time: number;
  /** bytes beyond width * height * 4 */
  growth: number;
}

export interface PictureRow {
  decoded: number;
  refused: number;
  trap: number;
  /** ms */
  slowest: number;
  /** bytes */
  growth: number;
}

export interface Seed {
  name: string;
  bytes: Uint8Array;
}

export const BOMBS: Record<string, () => Uint8Array>;
export function seedsOf(paths: string[]): Seed[];
export function createMeter(
  create: () => Promise<RawModule>,
): Promise<(bytes: Uint8Array) => Promise<Measured>>;
export function complaint(measured: Measured): 'trap' | 'slow' | 'memory' | undefined;
export function tryPictures(options: {
  create: () => Promise<RawModule>;
  seeds: Seed[];
  count: number;
  seed?: number;
  onFinding?: (kind: string, mutant: Uint8Array, name: string, measured: Measured) => void;
}): Promise<Record<string, PictureRow>>;
