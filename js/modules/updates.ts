/** Newer versions of files that are in use. */
import { hasWorkers } from '../base/platform.js';
import type { ModelUpdate } from '../sources/source.js';
import type { ModelHost } from '../worker/host.js';

/** Pages begin to use a model when it is ready: the server is asked a little later. */
const AFTER_READY_MS = 1000;

/**
 * What servers answer to this page; each file is asked for once. What is loaded after an answer has come is at least as
 * new: then there is nothing to wait for (null).
 */
const answers = new Map<string, ReturnType<ModelHost['refresh']> | null>();

/**
 * Resolves to the version that the next load will use, when it is not the one with the digest `used`. Never fails.
 * `host` does the work; when it is closed meanwhile, the next load asks again.
 */
export async function newerVersion(
  host: ModelHost,
  url: string,
  used: string | undefined,
): Promise<ModelUpdate | undefined> {
  if (answers.get(url) === null) return undefined;
  const answer = answers.get(url) ?? later(() => host.refresh(url));
  answers.set(url, answer);
  const stored = await answer.then(
    (version) => (answers.set(url, null), version),
    () => void answers.delete(url),
  );
  if (!stored?.sha256 || stored.sha256 === used) return undefined;
  const { key, sha256, size } = stored;
  return { url: key, sha256, size };
}

async function later<T>(work: () => Promise<T>): Promise<T> {
  if (hasWorkers()) await new Promise((resolve) => setTimeout(resolve, AFTER_READY_MS));
  return work();
}
