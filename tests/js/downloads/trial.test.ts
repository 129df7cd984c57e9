/** Newer files that the engine refuses, and stored files that are not what they are said to be: what worked goes on working. */
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'fake-indexeddb/auto';
import { ErrorCode, ExecutorchError } from '../../../js/base/errors.js';
import {
  type Freshness,
  type ResourceConfiguration,
  configureResources,
  resourceConfiguration,
} from '../../../js/base/resource-config.js';
import { parseAddress } from '../../../js/downloads/address.js';
import { refresh } from '../../../js/downloads/freshness.js';
import { openSource } from '../../../js/downloads/open.js';
import { sealOf } from '../../../js/downloads/seal.js';
import { openStore } from '../../../js/downloads/store/open.js';
import type { ModelRecord } from '../../../js/downloads/store/types.js';
import { openJoined } from '../../../js/sources/joined.js';
import type { ByteSource } from '../../../js/sources/source.js';
import { fakeModel, sha256, type How } from '../../lib/hub.mjs';
import { CHUNK, QUICK, readBytes, withHub } from './file-tools.js';

const SIZE = 2 * CHUNK + 99;
const good = fakeModel(SIZE);
const newer = fakeModel(SIZE + 5, 5);
const bad = fakeModel(SIZE - 400, 9);
const context = withHub();
let directory: string;
let warnings: string[];
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'ew-trial-'))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
beforeEach(() => {
  warnings = [];
  jest.spyOn(console, 'warn').mockImplementation((text) => void warnings.push(String(text)));
});
afterEach(() => void jest.restoreAllMocks());

let last = 0;
const publish = (what: Uint8Array = good, how: How = {}) =>
  context.hub.put(`/o/r/resolve/main/trial${++last}.pte`, what, how).url;
const replace = (url: string, what: Uint8Array, how: How = {}) =>
  context.hub.put(new URL(url).pathname, what, how);
/** A server that is down, as far as this file goes. */
const vanish = (url: string) =>
  replace(url, good, { faults: Array.from({ length: 40 }, () => ({ cut: 0 })) });
const sent = () => context.hub.requests.filter((one) => one.sent > 1000).length;

const refusal = new ExecutorchError(ErrorCode.InvalidProgram, 'no such program');
type Engine = (bytes: Buffer) => Error | undefined;
/** An engine that cannot use these bytes. */
const refusing =
  (what: Uint8Array, error: Error = refusal): Engine =>
  (bytes) =>
    bytes.equals(Buffer.from(what)) ? error : undefined;
const refusesBad = refusing(bad);

async function readOnce(source: ByteSource, engine: Engine): Promise<Buffer> {
  const bytes = await readBytes(source);
  const error = engine(bytes);
  if (error) throw error;
  await source.complete?.();
  return bytes;
}

/** Loads as hosts do. */
async function consume(source: ByteSource, engine: Engine) {
  try {
    for (;;) {
      try {
        const bytes = await readOnce(source, engine);
        return { digest: sha256(bytes), report: source.report! };
      } catch (error) {
        if (!(await source.restart?.(error))) throw error;
      }
    }
  } finally {
    source.close();
  }
}
const load = async (url: string, freshness?: Freshness, engine: Engine = refusesBad) =>
  consume(await openSource(url, { freshness }), engine);
const check = (url: string) =>
  refresh(parseAddress(url, resourceConfiguration()), resourceConfiguration());
const entries = async (url: string) => {
  const { store } = await openStore(resourceConfiguration());
  return (await store!.list()).filter(({ key }) => key.startsWith(url));
};

describe.each(['files', 'memory', 'indexeddb'] as const)('%s', (store) => {
  const config: ResourceConfiguration = { ...QUICK, store };
  beforeEach(() =>
    configureResources({
      ...config,
      storeDirectory: directory,
      freshness: undefined,
      pins: undefined,
    }),
  );

  test.each<[string, How]>([
    ['an ETag', {}],
    ['a date', { etag: null, lastModified: 'Wed, 02 Jan 2030 00:00:00 GMT' }],
    ['its length', { etag: null }],
  ])(
    'a newer file, told by %s, that is refused: the old one stays, and it is fetched once',
    async (_, how) => {
      const url = publish(good, {
        ...how,
        lastModified: how.lastModified && 'Tue, 01 Jan 2030 00:00:00 GMT',
      });
      await load(url);
      replace(url, bad, how);
      expect(await check(url)).toMatchObject({ sha256: sha256(bad) });
      const second = await load(url);
      expect(second).toMatchObject({
        digest: sha256(good),
        report: {
          kept: true,
          requests: 0,
          mayBeOld: true,
          refused: { sha256: sha256(bad), size: bad.length, reason: 'no such program' },
        },
      });
      expect(warnings.filter((text) => /cannot be used.*no such program/s.test(text))).toHaveLength(
        1,
      );
      context.hub.forget();
      for (let i = 0; i < 2; i++) {
        expect(await check(url)).toMatchObject({ sha256: sha256(good), isChecked: false });
        expect((await load(url)).digest).toBe(sha256(good));
      }
      expect(sent()).toBe(0);
      vanish(url);
      expect((await load(url)).digest).toBe(sha256(good));
      replace(url, newer, {
        ...how,
        lastModified: how.lastModified && 'Thu, 03 Jan 2030 00:00:00 GMT',
      });
      expect(await check(url)).toMatchObject({ sha256: sha256(newer) });
      expect(await load(url)).toMatchObject({
        digest: sha256(newer),
        report: { refused: undefined },
      });
      expect(await entries(url)).toHaveLength(1);
    },
  );

  test("the same with 'check'; then without a server", async () => {
    const url = publish();
    await load(url);
    replace(url, bad);
    expect((await load(url, 'check')).digest).toBe(sha256(good));
    context.hub.forget();
    expect(await load(url, 'check')).toMatchObject({
      digest: sha256(good),
      report: { mayBeOld: true, refused: { reason: 'no such program' } },
    });
    expect(sent()).toBe(0);
    vanish(url);
    expect((await load(url, 'check')).digest).toBe(sha256(good));
    expect((await load(url)).digest).toBe(sha256(good));
    replace(url, newer);
    expect((await load(url, 'check')).digest).toBe(sha256(newer));
  });

  test('what failed for want of memory is tried again', async () => {
    const url = publish();
    await load(url);
    replace(url, newer);
    await check(url);
    const full = new ExecutorchError(ErrorCode.MemoryAllocationFailed, 'no memory');
    expect((await load(url, undefined, refusing(newer, full))).digest).toBe(sha256(good));
    expect((await load(url)).digest).toBe(sha256(newer));
  });

  test('an engine that breaks: the next load has the old file', async () => {
    const url = publish();
    await load(url);
    replace(url, newer);
    await check(url);
    const trap = new Error('unreachable');
    await expect(load(url, undefined, refusing(newer, trap))).rejects.toBe(trap);
    expect((await load(url, undefined, refusing(newer, trap))).digest).toBe(sha256(good));
  });

  test('loads of a newer file that end without a word: the fourth has the old file', async () => {
    const url = publish();
    await load(url);
    replace(url, newer);
    await check(url);
    for (let i = 0; i < 3; i++) {
      const source = await openSource(url);
      await source.read(0, 100);
      source.close();
    }
    expect((await load(url)).digest).toBe(sha256(good));
    expect(await entries(url)).toHaveLength(1);
  });

  test('a newer file waits while others read the old one', async () => {
    const url = publish();
    await load(url);
    const reader = await openSource(url);
    await reader.read(0, 100);
    replace(url, newer);
    await check(url);
    for (let i = 0; i < 5; i++) expect((await load(url)).digest).toBe(sha256(newer));
    expect(await consume(reader, refusesBad)).toMatchObject({ digest: sha256(good) });
    expect((await load(url)).digest).toBe(sha256(newer));
    expect(await entries(url)).toHaveLength(1);
  });

  test('a newer data file that does not go with its model: both old ones, without a request', async () => {
    const [model, data] = [publish(), publish(fakeModel(5000, 3))];
    const open = () => openJoined((one, options) => openSource(one, options), [model, data], {});
    const engine: Engine = (bytes) =>
      bytes.includes(Buffer.from(newer.subarray(300, 900))) ? refusal : undefined;
    const whole = async () => consume(joined(await open()), engine);
    const first = await whole();
    replace(data, newer);
    await check(data);
    vanish(model);
    vanish(data);
    expect(await whole()).toMatchObject({ digest: first.digest, report: { requests: 0 } });
  });

  test("'check' of a file that nothing tells from others: it is fetched and compared", async () => {
    const url = publish(good, { etag: null });
    await load(url);
    context.hub.forget();
    expect(await load(url, 'check')).toMatchObject({
      digest: sha256(good),
      report: { mayBeOld: false },
    });
    expect(context.hub.requests.map(({ method }) => method)).toEqual(['GET']);
    expect(await entries(url)).toHaveLength(1);
    const sameLength = fakeModel(SIZE, 77);
    replace(url, sameLength, { etag: null });
    await check(url);
    expect(warnings.filter((text) => /neither ETag nor date/.test(text))).toHaveLength(0);
    expect((await load(url, 'check')).digest).toBe(sha256(sameLength));
    vanish(url);
    expect((await load(url, 'check')).digest).toBe(sha256(sameLength));
  });

  test('in the background such a file is told of, once', async () => {
    const url = publish(good, { etag: null });
    await load(url);
    for (let i = 0; i < 2; i++) await check(url);
    expect(warnings.filter((text) => /neither ETag nor date/.test(text))).toHaveLength(1);
  });

  test('another ETag for the same bytes: they are fetched once', async () => {
    const url = publish(good, { etag: '"a"' });
    await load(url);
    replace(url, good, { etag: '"b"' });
    context.hub.forget();
    for (let i = 0; i < 3; i++) expect(await check(url)).toMatchObject({ isChecked: true });
    expect(sent()).toBe(1);
    expect(await entries(url)).toHaveLength(1);
  });

  test("a load that has checked need not be followed by its page's question", async () => {
    const url = publish();
    await load(url);
    const html = { body: '<!doctype html>', headers: { 'Content-Type': 'text/html' } };
    replace(url, good, { etag: '"x"', faults: [html, html, html, html] });
    context.hub.forget();
    expect((await load(url, 'check')).digest).toBe(sha256(good));
    const asked = context.hub.requests.length;
    expect(await check(url)).toMatchObject({ sha256: sha256(good) });
    expect(context.hub.requests).toHaveLength(asked);
    expect(asked).toBeLessThanOrEqual(2);
  });

  /** Puts other bytes and their digests into the store, as somebody who wants to be believed does. */
  async function alter(
    url: string,
    changes: (record: ModelRecord) => Promise<Partial<ModelRecord>>,
  ) {
    const { store: opened } = await openStore(resourceConfiguration());
    const record = (await opened!.get(url))!;
    const digests: string[] = [];
    const parts: Uint8Array[] = [];
    for (let i = 0; i < record.digests.length; i++) {
      const part = (await opened!.read(record, i))!.slice();
      part[200]! ^= 1;
      parts.push(part);
      digests.push(sha256(part));
    }
    const forged = { ...record, digests };
    const whole = { ...forged, ...(await changes(forged)) };
    // The stores' own rules are for writers that behave.
    await opened!.remove(url);
    let stored = 0;
    for (const [i, part] of parts.entries()) {
      stored += part.byteLength;
      await opened!.append(
        { ...without(whole, 'seal'), state: 'partial', stored, digests: digests.slice(0, i + 1) },
        i,
        part,
      );
    }
    await opened!.commit(whole);
  }
  const resealed = async (record: ModelRecord) => ({ seal: await sealOf(record) });
  const unsealed = async () => ({ seal: undefined as unknown as string });

  test.each([
    ['with the old seal', async () => ({})],
    ['without a seal', unsealed],
  ] as const)('bytes and digests altered, %s: fetched again at once', async (_, changes) => {
    for (const isPinned of [true, false]) {
      const url = publish();
      configureResources({ pins: isPinned ? { [url]: { sha256: sha256(good) } } : undefined });
      await load(url);
      await alter(url, changes);
      context.hub.forget();
      const refuseNothing = () => undefined;
      expect((await load(url, 'immutable', refuseNothing)).digest).toBe(sha256(good));
      expect(context.hub.requests).toHaveLength(1);
    }
  });

  test('the same with a seal that fits, pinned, and refused by the engine: all of it is compared, and fetched again', async () => {
    const url = publish();
    configureResources({ pins: { [url]: { sha256: sha256(good) } } });
    await load(url);
    await alter(url, resealed);
    const engine: Engine = (bytes) => (sha256(bytes) === sha256(good) ? undefined : refusal);
    expect((await load(url, undefined, engine)).digest).toBe(sha256(good));
    context.hub.forget();
    expect((await load(url, undefined, engine)).report).toMatchObject({
      requests: 0,
      integrity: 'pinned',
    });
  });

  test('a pinned file that is right and refused all the same is not fetched again', async () => {
    const url = publish(bad);
    configureResources({ pins: { [url]: { sha256: sha256(bad) } } });
    await load(url, undefined, () => undefined);
    context.hub.forget();
    await expect(load(url)).rejects.toMatchObject({ code: ErrorCode.InvalidProgram });
    expect(context.hub.requests).toEqual([]);
  });

  test('a record with another digest of the whole is not believed', async () => {
    const url = publish();
    await load(url);
    const { store: opened } = await openStore(resourceConfiguration());
    await opened!.commit({ ...(await opened!.get(url))!, sha256: '0'.repeat(64) });
    expect((await load(url)).report.sha256).toBe(sha256(good));
  });

  test('files that earlier versions stored are read once more, and sealed', async () => {
    const url = publish();
    await load(url);
    const { store: opened } = await openStore(resourceConfiguration());
    const { seal, ...record } = (await opened!.get(url))!;
    await opened!.commit(record);
    expect((await load(url)).report.requests).toBe(0);
    expect((await opened!.get(url))!.seal).toBe(seal);
  });
});

function without<T extends object>(value: T, name: keyof T): T {
  const rest = { ...value };
  delete rest[name];
  return rest;
}

/** What hosts read ends with both files. */
function joined(source: ByteSource): ByteSource {
  return {
    ...bound(source),
    get report() {
      return source.report;
    },
    async read(offset, length) {
      const end = source.size! + source.dataSize!;
      if (offset >= end) return new Uint8Array(0);
      return source.read(offset, length);
    },
  };
}
function bound(source: ByteSource) {
  return {
    size: source.size,
    complete: async () => source.complete?.(),
    restart: async (error: unknown) => (await source.restart?.(error)) ?? false,
    close: () => source.close(),
  };
}
