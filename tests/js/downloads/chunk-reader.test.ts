/** Reading stored chunks by a worker, which must never change what is read. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { READER_NAME, serveChunks, type ChunkScope } from '../../../js/downloads/chunk-reader.js';
import { chunkDigest, sha256 } from '../../../js/downloads/digest.js';
import { openStore } from '../../../js/downloads/store/open.js';
import { newRecord, type ModelRecord, type ModelStore } from '../../../js/downloads/store/types.js';
import { StoredChunks } from '../../../js/downloads/stored.js';
import { parseAddress } from '../../../js/downloads/address.js';
import 'fake-indexeddb/auto';

const CHUNK = 1 << 20;
const COUNT = 13;
const bytes = new Uint8Array(COUNT * CHUNK);
for (let i = 0; i < bytes.length; i += 997) bytes[i] = i >> 8;
const url = 'https://models.example.com/large.pte';

type Message = { data: { id?: number; index?: number } };

/** Stands for Worker: `answer` gets what is posted to it. */
class FakeWorker {
  static made: FakeWorker[] = [];
  static start: (worker: FakeWorker) => void;
  onmessage: ((message: Message) => void) | undefined;
  onerror: ((event: { preventDefault: () => void }) => void) | undefined;
  answer: (request: Message) => void = () => undefined;
  isEnded = false;
  asked: number[] = [];
  given: (ArrayBuffer | undefined)[] = [];
  constructor(
    readonly address: string,
    readonly options: { name: string; type: string },
  ) {
    FakeWorker.made.push(this);
    setTimeout(() => FakeWorker.start(this));
  }
  postMessage(data: { id: number; index: number; memory?: ArrayBuffer }): void {
    this.asked.push(data.index);
    this.given.push(data.memory);
    setTimeout(() => this.answer({ data }));
  }
  terminate(): void {
    this.isEnded = true;
  }
}

/** A worker of the real other side. */
function serve(worker: FakeWorker): void {
  const scope: ChunkScope = {
    postMessage: (answer) => void setTimeout(() => worker.onmessage?.({ data: answer } as Message)),
    onmessage: null,
  };
  serveChunks(scope);
  worker.answer = (message) => scope.onmessage?.(message as MessageEvent<never>);
}

const digestOf = (chunk: Uint8Array) => chunkDigest(chunk, record.pieceSize);

let store: ModelStore;
let record: ModelRecord;
const scope = globalThis as { Worker?: unknown; location?: unknown };

beforeEach(async () => {
  FakeWorker.made = [];
  FakeWorker.start = serve;
  Object.assign(scope, { Worker: FakeWorker, location: new URL('https://example.com/worker.js') });
  store = (await openStore({ store: 'indexeddb' })).store!;
  record = newRecord(url, CHUNK);
  for (let i = 0; i < COUNT; i++) {
    const chunk = bytes.subarray(i * CHUNK, (i + 1) * CHUNK);
    const stored = (i + 1) * CHUNK;
    record = { ...record, stored, digests: [...record.digests, await digestOf(chunk)] };
    await store.append(record, i, chunk);
  }
});
afterEach(async () => {
  await store.remove(url);
  jest.restoreAllMocks();
  delete scope.Worker;
  delete scope.location;
});

const open = () =>
  new StoredChunks({
    address: parseAddress(url, {}),
    store,
    policy: undefined,
    signal: new AbortController().signal,
    onRequest: () => undefined,
  });

/** Reads all of the file, as slowly as a worker needs to start. */
async function readAll(chunks: StoredChunks): Promise<boolean> {
  chunks.begin(record);
  for (let i = 0; i < COUNT; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const read = await chunks.read(record, i * CHUNK, CHUNK);
    if (!Buffer.from(read).equals(Buffer.from(bytes.subarray(i * CHUNK, (i + 1) * CHUNK))))
      return false;
  }
  chunks.close();
  return true;
}

test('chunks come from the worker as soon as it is there', async () => {
  expect(await readAll(open())).toBe(true);
  const [worker] = FakeWorker.made;
  expect(worker).toMatchObject({
    address: 'https://example.com/worker.js',
    options: { name: READER_NAME },
    isEnded: true,
  });
  expect(worker!.asked).toContain(COUNT - 1);
  expect(new Set(worker!.asked).size).toBe(worker!.asked.length);
  // The memory of chunks goes to and fro; the stream that reads into it has taken it over.
  expect(worker!.given.map((memory) => memory?.byteLength)).toContain(0);
});

test('what the worker says of a chunk is not the last word', async () => {
  FakeWorker.start = (worker) => {
    worker.onmessage?.({ data: {} });
    const chunk = { bytes: new Uint8Array(CHUNK), digest: 'wrong', read: 0, verify: 0 };
    worker.answer = ({ data: { id } }) =>
      worker.onmessage?.({ data: { id, chunk: id! % 2 ? chunk : undefined } as Message['data'] });
  };
  expect(await readAll(open())).toBe(true);
  expect(FakeWorker.made[0]!.asked.length).toBeGreaterThan(5);
});

test('a worker that does not start, or fails in between, is done without', async () => {
  FakeWorker.start = (worker) => worker.onerror?.({ preventDefault: () => undefined });
  expect(await readAll(open())).toBe(true);
  FakeWorker.start = (worker) => {
    worker.onmessage?.({ data: {} });
    worker.answer = () => worker.onerror?.({ preventDefault: () => undefined });
  };
  expect(await readAll(open())).toBe(true);
  expect(FakeWorker.made.map(({ isEnded }) => isEnded)).toEqual([true, true]);
});

test('a worker that has fallen silent is given up', async () => {
  FakeWorker.start = (worker) => worker.onmessage?.({ data: {} });
  const { setTimeout: wait } = globalThis;
  const impatient = (work: () => void, time?: number) => wait(work, time === 10_000 ? 50 : time);
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(impatient as typeof setTimeout);
  expect(await readAll(open())).toBe(true);
  expect(FakeWorker.made[0]!.isEnded).toBe(true);
});

test('a chunk of several pieces has the digest of their digests, one of a single piece its own', async () => {
  const piece = 512 << 10;
  const chunk = bytes.subarray(0, 2 * piece + 5);
  const parts = [chunk.subarray(0, piece), chunk.subarray(piece, 2 * piece), chunk.subarray(-5)];
  const digests = await Promise.all(parts.map(sha256));
  expect(await chunkDigest(chunk, piece)).toBe(await sha256(Buffer.from(digests.join(''), 'hex')));
  expect(await chunkDigest(parts[0]!, piece)).toBe(digests[0]);
  expect(await chunkDigest(chunk)).toBe(await sha256(chunk));
});

test('a file whose chunks were hashed as they are is read, too', async () => {
  const digests = [];
  for (let i = 0; i < COUNT; i++) {
    digests.push(await sha256(bytes.subarray(i * CHUNK, (i + 1) * CHUNK)));
  }
  const { pieceSize, ...old } = record;
  expect(pieceSize).toBe(512 << 10);
  record = { ...old, digests };
  expect(await readAll(open())).toBe(true);
});

test('small files, and stores of one thread, need none', async () => {
  const small = { ...record, stored: 5 * CHUNK, digests: record.digests.slice(0, 5) };
  const chunks = open();
  chunks.begin(small);
  await chunks.read(small, 0, 10);
  chunks.close();
  expect(FakeWorker.made).toEqual([]);
});
