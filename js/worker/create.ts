/** Chooses where models live and where downloads run. */
import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { hasWorkers } from '../base/platform.js';
import { locateWasm } from '../core/locate.js';
import { WorkerHost } from './client.js';
import type { ResourceService } from '../downloads/service.js';
import type { ModelHost } from './host.js';
import { remoteService } from './resource-client.js';

/**
 * A worker of its own in browsers; this thread in Node.
 *
 * @throws ExecutorchError PlatformNotSupported, WasmLoadFailed.
 */
export async function createHost(signal?: AbortSignal): Promise<ModelHost> {
  const location = await locateWasm();
  if (hasWorkers()) return new WorkerHost(location, signal);
  // In builds for pages the engine is in the worker only; this is where they leave it out.
  if (__EW_TARGET__ === 'node' || __EW_TARGET__ === 'commonjs') {
    const { LocalHost } = await import('./local.js');
    return new LocalHost(location);
  }
  throw noWorkers();
}

function noWorkers(): ExecutorchError {
  return new ExecutorchError(ErrorCode.PlatformNotSupported, 'There are no workers here.');
}

/** A worker that is shared by all calls in browsers; this thread in Node. */
export function createResourceService(): ResourceService {
  return hasWorkers() ? remoteService : lateService;
}

/** In Node, the code of downloads is imported when it is needed. */
const lateService: ResourceService = {
  fetch: async (...args) => (await inThisThread()).fetch(...args),
  read: async (...args) => (await inThisThread()).read(...args),
  storage: async (...args) => (await inThisThread()).storage(...args),
  remove: async (...args) => (await inThisThread()).remove(...args),
  sizes: async (...args) => (await inThisThread()).sizes(...args),
};

async function inThisThread(): Promise<ResourceService> {
  if (__EW_TARGET__ === 'node' || __EW_TARGET__ === 'commonjs') {
    return (await import('../downloads/local-service.js')).localService;
  }
  throw noWorkers();
}
