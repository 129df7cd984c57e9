/**
 * A worker of the engine's worker that reads stored chunks and computes their digests, each of which takes as long as
 * packing the chunk. It only ever helps: whoever asks does the work alone where there is no answer.
 */
import type { StoreKind } from '../base/resource-config.js';
import { chunkDigest } from './digest.js';
import { openStore } from './store/open.js';
import type { ModelRecord, ModelStore } from './store/types.js';

/** Name of such a worker, by which the script knows what it is. */
export const READER_NAME = 'executorch-web reader';

/** Smaller files are there before the worker is. */
const LEAST_BYTES = 12 << 20;
/** Milliseconds after which a silent worker is given up; a chunk takes some ten. */
const PATIENCE_MS = 10_000;

export interface ReadChunk {
  /** As they were stored or damaged; undefined when the chunk is missing. */
  bytes: Uint8Array | undefined;
  /** Their SHA-256; undefined without bytes. */
  digest: string | undefined;
  /** Milliseconds spent in the store, and on the digest. */
  read: number;
  verify: number;
}

type Wanted = Pick<ModelRecord, 'id' | 'key' | 'stored' | 'chunkSize' | 'pieceSize'>;

export interface ReadRequest {
  id: number;
  kind: StoreKind;
  record: Wanted;
  index: number;
  /** Of an earlier chunk, to be used again. */
  memory: ArrayBuffer | undefined;
}

/** Without an id: the worker is ready. */
export type ReadAnswer = { id?: number; chunk?: ReadChunk | undefined };

/** The worker's global scope. */
export interface ChunkScope {
  postMessage(answer: ReadAnswer, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ReadRequest>) => void) | null;
}

/** Reads and hashes in this thread. */
export async function readChunk(
  store: ModelStore | undefined,
  ...what: Parameters<ModelStore['read']>
): Promise<ReadChunk> {
  const start = performance.now();
  // A store that cannot be read has nothing; what is missing comes from the network.
  const bytes = await store?.read(...what).catch(() => undefined);
  const between = performance.now();
  const digest = bytes && (await chunkDigest(bytes, what[0].pieceSize));
  return { bytes, digest, read: between - start, verify: performance.now() - between };
}

/** The other side of {@link ChunkReader}: answers requests until the worker is ended. */
export function serveChunks(scope: ChunkScope): void {
  const answer = async ({ id, kind, record, index, memory }: ReadRequest) => {
    const { store } = await openStore({ store: kind });
    const isThere = store?.kind === kind;
    const chunk = isThere
      ? await readChunk(store, record as ModelRecord, index, memory)
      : undefined;
    const buffer = chunk?.bytes?.buffer as ArrayBuffer | undefined;
    scope.postMessage({ id, chunk }, buffer ? [buffer] : []);
  };
  scope.onmessage = ({ data }) =>
    void answer(data).catch(() => scope.postMessage({ id: data.id }, []));
  scope.postMessage({}, []);
}

export class ChunkReader {
  private isReady = false;
  private lastId = 0;
  private readonly spare: ArrayBuffer[] = [];
  private readonly pending = new Map<number, (chunk: ReadChunk | undefined) => void>();

  private constructor(
    private readonly worker: Worker,
    private readonly kind: StoreKind,
  ) {
    worker.onmessage = ({ data }: MessageEvent<ReadAnswer>) => {
      if (data.id === undefined) this.isReady = true;
      else this.settle(data.id, data.chunk);
    };
    worker.onmessageerror = () => this.close();
    worker.onerror = (event) => {
      event.preventDefault();
      this.close();
    };
  }

  /** Undefined where it would be of no use, or cannot be. */
  static start(kind: StoreKind | undefined, bytes: number): ChunkReader | undefined {
    const address = scriptOfWorker();
    const isShared = kind === 'indexeddb' || kind === 'opfs';
    if (!isShared || bytes < LEAST_BYTES || address === undefined) return undefined;
    try {
      const type = isClassic() ? 'classic' : 'module';
      return new ChunkReader(new Worker(address, { type, name: READER_NAME }), kind);
    } catch {
      return undefined;
    }
  }

  /** Undefined: the chunk is to be read without it. */
  read(record: ModelRecord, index: number): Promise<ReadChunk | undefined> {
    if (!this.isReady) return Promise.resolve(undefined);
    const number = ++this.lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.close(), PATIENCE_MS);
      this.pending.set(number, (chunk) => {
        clearTimeout(timer);
        resolve(chunk);
      });
      const { id, key, stored, chunkSize, pieceSize } = record;
      const wanted: Wanted = { id, key, stored, chunkSize, ...(pieceSize && { pieceSize }) };
      const memory = this.spare.pop();
      const request = { id: number, kind: this.kind, record: wanted, index, memory };
      this.worker.postMessage(request, memory ? [memory] : []);
    });
  }

  /** Takes a chunk that nobody reads any more. */
  recycle({ buffer }: Uint8Array): void {
    if (this.isReady) this.spare.push(buffer as ArrayBuffer);
  }

  close(): void {
    this.isReady = false;
    this.worker.terminate();
    for (const number of [...this.pending.keys()]) this.settle(number, undefined);
  }

  private settle(number: number, chunk: ReadChunk | undefined): void {
    this.pending.get(number)?.(chunk);
    this.pending.delete(number);
  }
}

/** The address of this worker's script, when this is a worker that another can be started like. */
function scriptOfWorker(): string | undefined {
  const { document, location, name } = globalThis as unknown as Partial<Window>;
  const canNest = typeof Worker === 'function' && document === undefined && name !== READER_NAME;
  // Copies of the script may have been revoked by now.
  return canNest && /^https?:/.test(location?.protocol ?? '') ? location?.href : undefined;
}

/** Modules have no importScripts(), but one that throws. */
function isClassic(): boolean {
  try {
    (globalThis as unknown as { importScripts: () => void }).importScripts();
    return true;
  } catch {
    return false;
  }
}
