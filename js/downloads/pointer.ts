/** What the hub tells of a file: the Git LFS pointer, a text of some 130 bytes with digest and size. */
import type { Address } from './address.js';
import type { Pin } from '../base/resource-config.js';
import { send } from './send.js';

const MOST_BYTES = 1024;

/** Never fails: undefined when the hub says nothing, or something else. */
export async function fetchPointer(
  { pointerUrl, headersFor }: Address,
  signal: AbortSignal,
): Promise<Required<Pin> | undefined> {
  if (!pointerUrl) return undefined;
  try {
    const response = await send({ url: pointerUrl, headersFor }, { signal });
    if (response.ok) return parsePointer(await readStart(response));
    await response.body?.cancel();
  } catch {
    // The file's own bytes decide; this is a second opinion.
  }
  return undefined;
}

function parsePointer(text: string): Required<Pin> | undefined {
  if (!text.startsWith('version https://git-lfs')) return undefined;
  const sha256 = /^oid sha256:([\da-f]{64})$/m.exec(text)?.[1];
  const size = Number(/^size (\d+)$/m.exec(text)?.[1] ?? NaN);
  return sha256 && size > 0 ? { sha256, size } : undefined;
}

/** Files that are not in LFS are answered as they are, however long: only the start is read. */
async function readStart(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  while (text.length < MOST_BYTES) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}
