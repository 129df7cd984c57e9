import type { RawModule } from '../../wasm/module.js';

export const SLOW: number;

export interface MutantRow {
  load: number;
  run: number;
  ran: number;
  traps: number;
  slow: number;
  /** ms */
  slowest: number;
  /** bytes */
  growth: number;
}

export function tryMutants(options: {
  create: () => Promise<RawModule>;
  bytes: Uint8Array;
  count: number;
  seed?: number;
  everyRun?: number;
  mostInput?: number;
  onFinding?: (kind: 'trap' | 'slow', mutant: Uint8Array, index: number, error?: unknown) => void;
}): Promise<MutantRow>;
