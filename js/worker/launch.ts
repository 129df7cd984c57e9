/** Starting a worker, and telling what is wrong when it does not start. */
import { configuration } from '../base/config.js';
import * as assets from '../core/assets.js';
import { absolute } from '../core/locate.js';
import {
  ErrorCode,
  ExecutorchError,
  abortError,
  reasonOf,
  throwIfAborted,
} from '../base/errors.js';
import { VERSION } from '../base/version.js';
import type { FromWorker } from './protocol.js';

const NAME = 'executorch-web';

/**
 * Starts a worker and waits until it has said hello.
 *
 * Browsers refuse scripts of other origins and of wrong MIME types; where the text itself can be read, the worker is
 * started from a copy of it.
 *
 * @throws ExecutorchError WorkerFailed, with the address that was tried and what the server answered; Aborted.
 */
export async function launchWorker(signal?: AbortSignal): Promise<Worker> {
  throwIfAborted(signal);
  const embedded = addressOf() === undefined ? await assets.embeddedAssets() : undefined;
  const configured = embedded?.workerUrl ?? configuration().workerUrl;
  const create = () =>
    configured === undefined ? assets.newWorker() : workerAt(absolute(configured));
  try {
    return await greeted(create, signal);
  } catch (cause) {
    if (!(cause instanceof StartFailure)) throw cause;
    return retry(cause, embedded?.workerUrl ?? addressOf(), signal);
  }
}

/** Why a worker did not start; it never leaves this file. */
class StartFailure extends Error {
  constructor(
    message: string,
    /** The script may be all right, only not at this address or with this type. */
    readonly isRefusal: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The script is a module as well as none; pages from the disk may not start modules from `blob:` addresses. */
function workerAt(address: string): Worker {
  const isCopy = address.startsWith('blob:');
  return new Worker(address, { type: isCopy ? 'classic' : 'module', name: NAME });
}

/** Address of the worker's script as far as it is known. */
function addressOf(): string | undefined {
  const { workerUrl } = configuration();
  return workerUrl === undefined ? assets.workerUrl() : absolute(workerUrl);
}

async function greeted(create: () => Worker | undefined, signal?: AbortSignal): Promise<Worker> {
  const { workerTimeout = 30_000 } = configuration();
  const worker = construct(create);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      abort = () => reject(abortError(signal));
      signal?.addEventListener('abort', abort, { once: true });
      const late = () =>
        reject(new StartFailure(`it did not answer within ${workerTimeout} ms`, false));
      timer = setTimeout(late, workerTimeout);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new StartFailure(event.message || 'its script cannot be loaded', !event.message));
      };
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.type !== 'hello') return;
        if (data.version === VERSION) resolve();
        else reject(versionMismatch(data.version));
      };
    });
    return worker;
  } catch (error) {
    worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function construct(create: () => Worker | undefined): Worker {
  try {
    const worker = create();
    if (worker) return worker;
  } catch (cause) {
    throw new StartFailure(reasonOf(cause), true, { cause });
  }
  throw new StartFailure('its address is not known', false);
}

function versionMismatch(version: string): StartFailure {
  return new StartFailure(
    `it is version ${version}, the page's script is ${VERSION}; serve both from the same package`,
    false,
  );
}

async function retry(
  failure: StartFailure,
  known: string | undefined,
  signal?: AbortSignal,
): Promise<Worker> {
  const words = await import('./launch-words.js').catch(() => undefined);
  const address = known ?? words?.lastWorkerRequest();
  const answer = address === undefined ? undefined : await words?.ask(address);
  if (failure.isRefusal && answer?.script !== undefined) {
    const copy = URL.createObjectURL(new Blob([answer.script], { type: 'text/javascript' }));
    try {
      return await greeted(() => workerAt(copy), signal);
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
    } finally {
      URL.revokeObjectURL(copy);
    }
  }
  throw new ExecutorchError(
    ErrorCode.WorkerFailed,
    words?.ofStart(failure.message, address, answer) ?? failure.message,
    { cause: failure.cause },
  );
}
