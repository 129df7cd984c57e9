/** Chooses where a model lives. */
import { hasWorkers } from '../engine/platform.js';
import { locateWasm } from '../engine/locate.js';
import { WorkerHost } from './client.js';
import type { ModelHost } from './host.js';

/**
 * A worker of its own in browsers; this thread in Node.
 *
 * @throws ExecutorchError PlatformNotSupported.
 */
export async function createHost(): Promise<ModelHost> {
  const location = locateWasm();
  if (hasWorkers()) return new WorkerHost(location);
  const { LocalHost } = await import('./local.js');
  return new LocalHost(location);
}
