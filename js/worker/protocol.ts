/** Messages between a page and its worker; types only. */
import type { WasmLocation } from '../core/instance.js';
import type { WireError } from '../base/errors.js';
import type { ModelInfo } from '../core/types.js';
import type { ResourceConfiguration } from '../base/resource-config.js';
import type { RetryNotice } from '../sources/source.js';
import type { ResourceService } from '../downloads/service.js';
import type { ModelHost } from './host.js';

/** Methods of {@link ModelHost} that cross; their callbacks are the last argument and stay behind. */
export type Method = Exclude<keyof ModelHost, 'close' | 'onFailure'>;

/** Methods of {@link ResourceService}; they cross in the same way. */
export type ResourceMethod = keyof ResourceService;

export type ToWorker =
  /** Without a location the worker has no engine: it downloads only. */
  | { type: 'start'; location?: WasmLocation; resources: ResourceConfiguration }
  | { type: 'call'; id: number; method: Method | ResourceMethod; args: unknown[] }
  | { type: 'abort'; id: number }
  /** Are you there? */
  | { type: 'ping' }
  /** Answer to a `read`: bytes of a buffer that stays with the page. */
  | { type: 'piece'; id: number; bytes: Uint8Array }
  /** Answer to a `check`: `error` refuses the model. */
  | { type: 'checked'; id: number; error?: WireError }
  /** No more calls; the worker says `closed` when the pending ones have ended. */
  | { type: 'close' };

export type FromWorker =
  | { type: 'hello'; version: string }
  /** Name of the worker's lifeline (lifeline.ts), a moment later, where it has one. */
  | { type: 'lifeline'; name: string }
  | { type: 'compiled'; module: WebAssembly.Module }
  /** `spare` is memory of the call's arguments, to be used again. */
  | { type: 'result'; id: number; value: unknown; spare: ArrayBuffer[] }
  | { type: 'failure'; id: number; error: WireError }
  | { type: 'progress'; id: number; fraction: number; size?: number | undefined }
  | { type: 'retry'; id: number; notice: RetryNotice }
  /** A model has been loaded: may its file be accepted? */
  | { type: 'check'; id: number; info: ModelInfo }
  /** `memory` is that of an earlier piece, to be used again. */
  | {
      type: 'read';
      id: number;
      buffer: number;
      offset: number;
      length: number;
      memory?: ArrayBuffer | undefined;
    }
  /** Answer to `ping`. */
  | { type: 'pong' }
  | { type: 'closed' };

/** Stands for bytes of the caller: they are read piece by piece, never copied as a whole. */
export interface RemoteBuffer {
  remoteBuffer: number;
  size: number;
}

export function isRemoteBuffer(value: unknown): value is RemoteBuffer {
  return typeof value === 'object' && value !== null && 'remoteBuffer' in value;
}
