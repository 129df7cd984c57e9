/** Servers and connections that misbehave: downloads end right, or with an error that says what was wrong. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ErrorCode, ExecutorchError } from '../../../js/base/errors.js';
import type { RetryNotice } from '../../../js/sources/source.js';
import { MemoryStore } from '../../../js/downloads/store/memory.js';
import { fakeModel, sha256, startHub, type Fault, type How, type Hub } from '../../lib/hub.mjs';
import { CHUNK, QUICK, load, openRemoteFile, readAll, withHub } from './file-tools.js';

const SIZE = 5 * CHUNK + 4321;
const bytes = fakeModel(SIZE);
const other = fakeModel(SIZE, 99);
const context = withHub();
let last = 0;

const publish = (how: How = {}, what: Uint8Array = bytes, name = 'model.pte') =>
  context.hub.put(`/o/r${++last}/resolve/main/${name}`, what, how);
const equal = (a: Uint8Array, b: Uint8Array) => Buffer.from(a).equals(Buffer.from(b));
const pinned = (url: string, pin: object) => ({ ...QUICK, pins: { [url]: pin } });

/** Loads into a fresh store, expects the right bytes, kept. */
async function expectLoad(how: How, { what = bytes, store = new MemoryStore() } = {}) {
  const published = publish(how, what);
  const found = await load(published.url, { store });
  expect(equal(found.bytes, what)).toBe(true);
  expect(found.report.kept).toBe(true);
  expect(await store.get(published.url)).toMatchObject({ state: 'complete', sha256: sha256(what) });
  return { ...published, ...found, store };
}

describe('connections that break', () => {
  const cuts = [1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, SIZE - 1];
  test.each(cuts)('after %i bytes', async (cut) => {
    const { report } = await expectLoad({ faults: [{ cut }] });
    // No byte is taken twice; the server may have sent what Node drops when a connection breaks.
    expect(report.networkBytes).toBe(SIZE);
    expect(context.hub.sent()).toBeLessThanOrEqual(SIZE + Math.min(cut, 4 * CHUNK));
  });

  test('again and again, with progress between', async () => {
    const faults = Array.from({ length: 12 }, () => ({ cut: 20_000 }));
    const { report } = await expectLoad({ faults });
    expect(report.requests).toBe(13);
  });

  test('that go silent are given up and resumed', async () => {
    const { report } = await expectLoad({ faults: [{ stall: 2 * CHUNK }] });
    expect(report.networkBytes).toBe(SIZE);
  });

  test('for good: the error tells, and what arrived is kept', async () => {
    const faults: Fault[] = [{ cut: 4 * CHUNK + 5 }, ...Array<Fault>(6).fill({ status: 503 })];
    const { url } = publish({ faults });
    const store = new MemoryStore();
    await expect(load(url, { store })).rejects.toMatchObject({
      code: ErrorCode.DownloadInterrupted,
      message: expect.stringMatching(/HTTP status 503 \(4 attempts\)/),
    });
    const { state, stored } = (await store.get(url))!;
    expect(state).toBe('partial');
    expect(stored).toBeGreaterThanOrEqual(CHUNK);
    context.hub.forget();
    const second = await load(url, { store });
    expect(equal(second.bytes, bytes)).toBe(true);
    expect(context.hub.sent()).toBe(SIZE - stored);
  });
});

describe('answers', () => {
  test('without ranges: begins again, and counts as whole', async () => {
    await expectLoad({ ranges: false, faults: [{ cut: 3 * CHUNK }] });
  });
  test('206 without a byte', async () => {
    await expectLoad({ faults: [{ cut: CHUNK }, { empty: true }] });
  });
  test('206 of another range', async () => {
    await expectLoad({ faults: [{ cut: CHUNK }, { shift: 10 }] });
  });
  test('compressed, with the length of the compressed form', async () => {
    const what = fakeModel(SIZE);
    what.fill(7, 1000);
    await expectLoad({ gzip: true }, { what });
  });
  test('without a length', async () => {
    await expectLoad({ length: false });
    const { report } = await expectLoad({ length: false, faults: [{ cut: 2 * CHUNK }] });
    expect(report.networkBytes).toBe(SIZE);
  });
  test('redirected to addresses that expire: asked for anew', async () => {
    const faults = [{ cut: CHUNK }, { cut: CHUNK }];
    await expectLoad({ redirect: true, faults });
    expect(context.hub.requests.filter(({ status }) => status === 302)).toHaveLength(3);
    expect(context.hub.requests.filter(({ status }) => status === 403)).toEqual([]);
  });
  test('429 with Retry-After is waited for, 5xx too', async () => {
    const start = performance.now();
    const faults = [{ status: 429, headers: { 'Retry-After': '0.15' } }, { status: 500 }];
    await expectLoad({ faults });
    expect(performance.now() - start).toBeGreaterThan(150);
  });
  test('404 and 403 are final', async () => {
    for (const status of [404, 403]) {
      const { url } = publish({ faults: [{ status }] });
      context.hub.forget();
      await expect(load(url, { store: new MemoryStore() })).rejects.toMatchObject({
        code: ErrorCode.ResourceFetcherDownloadFailed,
        message: expect.stringContaining(`HTTP status ${status}`),
      });
      expect(context.hub.downloadsOf(new URL(url).pathname)).toHaveLength(1);
    }
  });
  test('a server that is not there', async () => {
    await expect(load('http://localhost:9/m.pte', {})).rejects.toMatchObject({
      code: ErrorCode.ResourceFetcherDownloadFailed,
      message: expect.stringMatching(/cannot be reached/),
    });
  });
  test('416 at the end of a file of unknown length', async () => {
    const store = new MemoryStore();
    const { url } = await expectLoad({ length: false }, { store });
    const record = (await store.get(url))!;
    const begun = { ...record, state: 'partial' as const };
    delete begun.size;
    await store.remove(url);
    expect((await load(url, { store })).report.kept).toBe(true);
  });
});

describe('parts that the server refuses: the whole file is asked for, what is there is skipped', () => {
  const broken: Fault[] = [{ cut: 3 * CHUNK + 5 }];
  test.each<[string, How]>([
    ['400', { parts: 400 }],
    ['403, as of a signed address that has expired', { parts: 403 }],
    ['404', { parts: 404 }],
    ['405', { parts: 405 }],
    ['501 for every part', { parts: 501 }],
    ['compressed parts', { parts: 'gzip' }],
    ['connections that break for every part', { parts: 'cut' }],
    ['parts that do not tell where they are', { parts: 'bare' }],
    ['parts that are shorter than asked for', { parts: 'short' }],
    ['no length, and parts that do not tell where they are', { parts: 'bare', length: false }],
    ['a compressed whole, and no parts', { gzip: true, parts: 416 }],
  ])('%s', async (name, how) => {
    const { report, url } = await expectLoad({ ...how, faults: [...broken] });
    expect(report.networkBytes).toBeLessThanOrEqual(2 * SIZE);
    if (name.startsWith('501')) return;
    expect(context.hub.downloadsOf(new URL(url).pathname).length).toBeLessThanOrEqual(8);
  });

  test('also after another load has left a part', async () => {
    const store = new MemoryStore();
    const faults: Fault[] = [{ cut: 4 * CHUNK }, ...Array<Fault>(4).fill({ status: 500 })];
    const { url, how } = publish({ faults });
    await expect(load(url, { store })).rejects.toThrow();
    how.parts = 403;
    expect(equal((await load(url, { store })).bytes, bytes)).toBe(true);
  });

  test('a damaged chunk is mended from the whole file', async () => {
    const { url, store, how } = await expectLoad({});
    const record = (await store.get(url))!;
    await store.repair(record, 2, new Uint8Array(CHUNK));
    how.parts = 403;
    expect(equal((await load(url, { store })).bytes, bytes)).toBe(true);
    context.hub.forget();
    await load(url, { store });
    expect(context.hub.requests).toEqual([]);
  });
});

describe('the end of a file is proven', () => {
  test('a file that became shorter is not taken for whole', async () => {
    const store = new MemoryStore();
    const faults: Fault[] = [{ cut: 4 * CHUNK }, ...Array<Fault>(4).fill({ status: 500 })];
    const how: How = { etag: null, lastModified: 'Tue, 01 Jan 2030 00:00:00 GMT', faults };
    const { url, how: settings } = publish(how);
    await expect(load(url, { store })).rejects.toThrow();
    const shorter = other.subarray(0, SIZE - 10_000);
    Object.assign(settings, { parts: 'bare', faults: [{ bytes: shorter }] });
    expect(equal((await load(url, { store })).bytes, shorter)).toBe(true);
  });

  test('a 416 that tells no length is no end', async () => {
    const store = new MemoryStore();
    const { url, how } = await expectLoad({ length: false }, { store });
    const record = (await store.get(url))!;
    const begun = { ...record, state: 'partial' as const, stored: 5 * CHUNK };
    delete begun.size;
    delete begun.sha256;
    await store.remove(url);
    for (let i = 0; i < 5; i++) {
      const part = { ...begun, stored: (i + 1) * CHUNK, digests: record.digests.slice(0, i + 1) };
      await store.append(part, i, bytes.subarray(i * CHUNK, (i + 1) * CHUNK));
    }
    how.parts = 416;
    const found = await load(url, { store });
    expect(equal(found.bytes, bytes)).toBe(true);
    expect((await store.get(url))?.size).toBe(SIZE);
  });
});

describe('bytes that the engine refuses', () => {
  const refusal = new ExecutorchError(ErrorCode.InvalidProgram, 'no program');
  const isGood = (found: Uint8Array) => equal(found, bytes);
  /** Reads as the engine would that refuses everything but the good bytes, at their beginning. */
  async function loadPicky(url: string, store: MemoryStore, config: object = QUICK) {
    const file = await openRemoteFile(url, { store, config });
    try {
      for (;;) {
        try {
          const head = await file.read(0, 100);
          if (!equal(head, bytes.subarray(0, head.length))) throw refusal;
          return await readAll(file);
        } catch (error) {
          if (!(await file.restart(error))) throw error;
        }
      }
    } finally {
      file.close();
    }
  }

  test.each<[string, boolean]>([
    ['of a part', false],
    ['of a part, with a pinned digest', true],
  ])('%s: begun again from the network', async (_, isPinned) => {
    const store = new MemoryStore();
    const faults: Fault[] = [
      { bytes: other, cut: 4 * CHUNK },
      ...Array<Fault>(4).fill({ status: 500 }),
    ];
    const { url, how } = publish({ etag: '"same"', faults });
    await expect(load(url, { store })).rejects.toThrow();
    expect((await store.get(url))?.stored).toBeGreaterThanOrEqual(CHUNK);
    how.faults = [{ bytes }];
    const config = isPinned ? pinned(url, { sha256: sha256(bytes) }) : QUICK;
    expect(isGood(await loadPicky(url, store, config))).toBe(true);
    expect(await store.get(url)).toMatchObject({ state: 'complete', sha256: sha256(bytes) });
  });

  test('of a whole file that nobody vouches for: fetched once more, whatever the code', async () => {
    const { url, how, store } = await expectLoad({}, { what: other });
    how.faults = [{ bytes }];
    expect(isGood(await loadPicky(url, store))).toBe(true);
  });

  test('that came just now from the network: the error is told at once, and nothing is kept', async () => {
    const store = new MemoryStore();
    const { url } = publish({}, other);
    context.hub.forget();
    await expect(loadPicky(url, store)).rejects.toBe(refusal);
    expect(await store.list()).toEqual([]);
    expect(context.hub.requests).toHaveLength(1);
  });

  test('of a verified file: the refusal stands, and the file stays', async () => {
    const store = new MemoryStore();
    const { url } = publish({}, other);
    const config = pinned(url, { sha256: sha256(other) });
    await load(url, { store, config });
    context.hub.forget();
    await expect(loadPicky(url, store, config)).rejects.toBe(refusal);
    expect((await store.get(url))?.state).toBe('complete');
    expect(context.hub.requests).toEqual([]);
  });
});

describe('another file under the address', () => {
  test('between two attempts of one load', async () => {
    const { url } = publish({ faults: [{ cut: 3 * CHUNK }, { bytes: other }] });
    const found = await load(url, { store: new MemoryStore() });
    expect(equal(found.bytes, other)).toBe(true);
  });

  test.each<[string, How]>([
    ['with ETags', {}],
    ['with dates', { etag: null, lastModified: 'Tue, 01 Jan 2030 00:00:00 GMT' }],
    ['with nothing', { etag: null }],
    ['with nothing and no ranges', { etag: null, ranges: false }],
  ])('between two loads, %s', async (_, how) => {
    const store = new MemoryStore();
    const faults: Fault[] = [{ cut: 4 * CHUNK }, ...Array<Fault>(4).fill({ status: 500 })];
    const { url, how: settings } = publish({ ...how, faults });
    await expect(load(url, { store })).rejects.toThrow();
    expect((await store.get(url))?.stored).toBeGreaterThanOrEqual(CHUNK);
    if (settings.lastModified) settings.lastModified = 'Wed, 02 Jan 2030 00:00:00 GMT';
    settings.faults = [{ bytes: other }];
    const found = await load(url, { store });
    expect(equal(found.bytes, other)).toBe(true);
    expect((await store.get(url))?.sha256).toBe(sha256(other));
  });

  test('behind the same ETag: the digest tells, and the whole is fetched', async () => {
    const store = new MemoryStore();
    const faults: Fault[] = [{ cut: 4 * CHUNK }, ...Array<Fault>(4).fill({ status: 500 })];
    const { url, how } = publish({ etag: '"same"', faults });
    await expect(load(url, { store })).rejects.toThrow();
    how.faults = [{ bytes: other }];
    const config = pinned(url, { sha256: sha256(other) });
    const found = await load(url, { store, config });
    expect(equal(found.bytes, other)).toBe(true);
  });
});

describe('verification', () => {
  test('by pin, hub, or first use', async () => {
    const endpoint = context.hub.url;
    const { url } = publish();
    const { pathname } = new URL(url);
    const atHub = `https://huggingface.co${pathname}`;
    const load1 = (config: object) =>
      load(atHub, { store: new MemoryStore(), config: { ...QUICK, endpoint, ...config } });
    expect((await load1({})).report.integrity).toBe('hub');
    expect((await load1({ hubMetadata: false })).report.integrity).toBe('first-use');
    const pins = { [atHub]: { sha256: sha256(bytes), size: SIZE } };
    context.hub.forget();
    expect((await load1({ pins })).report.integrity).toBe('pinned');
    expect(context.hub.requests.map(({ path }) => path)).toEqual([pathname]);
    const plain = await load(url, { store: new MemoryStore() });
    expect(plain.report.integrity).toBe('first-use');
  });

  test.each<[string, object]>([
    ['digest', { sha256: 'a'.repeat(64) }],
    ['size', { size: SIZE + 1 }],
    ['smaller size', { size: SIZE - 1 }],
  ])('a wrong %s is refused and not kept', async (_, pin) => {
    const store = new MemoryStore();
    const { url } = publish();
    await expect(load(url, { store, config: pinned(url, pin) })).rejects.toMatchObject({
      code: expect.any(Number),
    });
    expect((await store.get(url))?.state).not.toBe('complete');
  });

  test('a stored file that the pin contradicts is fetched anew', async () => {
    const { url, store } = await expectLoad({});
    context.hub.put(new URL(url).pathname, other);
    const config = pinned(url, { sha256: sha256(other) });
    expect(equal((await load(url, { store, config })).bytes, other)).toBe(true);
  });

  test('a damaged chunk is fetched again by itself, once', async () => {
    const { url, store } = await expectLoad({});
    const record = (await store.get(url))!;
    const damaged = (await store.read(record, 2))!.slice();
    damaged[77]! ^= 1;
    await store.repair(record, 2, damaged);
    context.hub.forget();
    expect(equal((await load(url, { store })).bytes, bytes)).toBe(true);
    const range = `bytes=${2 * CHUNK}-${3 * CHUNK - 1}`;
    expect(context.hub.requests.map((one) => one.range)).toEqual([range]);
    expect(context.hub.sent()).toBe(CHUNK);
    context.hub.forget();
    await load(url, { store });
    expect(context.hub.requests).toEqual([]);
  });

  test('a damaged chunk of a file that the server no longer has: the new file is loaded', async () => {
    const { url, store } = await expectLoad({});
    const record = (await store.get(url))!;
    await store.repair(record, 2, new Uint8Array(CHUNK));
    context.hub.put(new URL(url).pathname, other);
    expect(equal((await load(url, { store })).bytes, other)).toBe(true);
  });
});

describe('what is no model is refused by name and not kept', () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 9\n`;
  test.each<[string, string, How, RegExp]>([
    ['an HTML page', '<!doctype html><title>App</title>', {}, /an HTML page/],
    ['a page by its type', 'hello', { type: 'text/html; charset=utf-8' }, /an HTML page/],
    ['an LFS pointer', pointer, {}, /a Git LFS pointer/],
    ['a JSON error', '{"error":"Repository not found"}', {}, /a JSON message: .*not found/],
    ['an XML error', '<?xml version="1.0"?><Error/>', {}, /an XML message/],
    ['text', 'Entry not found', {}, /no \.pte file: it begins with "Entry not found"/],
    ['nothing', '', {}, /0 bytes|no \.pte file/],
  ])('%s', async (_, text, how, message) => {
    const store = new MemoryStore();
    const { url } = publish(how, Buffer.from(text));
    await expect(load(url, { store })).rejects.toMatchObject({
      message: expect.stringMatching(message),
    });
    expect(await store.list()).toEqual([]);
    expect(context.hub.requests).toHaveLength(1);
  });

  test('JSON and HTML are fine where they are asked for', async () => {
    for (const name of ['tokenizer.json', 'page.html']) {
      const { url } = publish({}, Buffer.from('{"a":1}'), name);
      expect((await load(url, { store: new MemoryStore() })).bytes.toString()).toBe('{"a":1}');
    }
  });
});

describe('requests', () => {
  test('carry headers and tokens of their host, which are not stored', async () => {
    const store = new MemoryStore();
    const { url } = publish();
    const { host } = new URL(url);
    const secrets = {
      headers: { [host]: { 'X-Key': 's3cret' } },
      accessToken: { [host]: 't0ken' },
    };
    await load(url.replace('http://', 'http://user:pa55@') + '#f', {
      store,
      config: { ...QUICK, ...secrets },
    });
    const [request] = context.hub.requests;
    expect(request?.headers).toMatchObject({ 'x-key': 's3cret', authorization: 'Bearer t0ken' });
    const stored = JSON.stringify(await store.list());
    expect(stored).toContain(url);
    expect(stored).not.toMatch(/s3cret|t0ken|pa55|#f/);
  });

  test('replace the revision of hub addresses', async () => {
    const { url } = context.hub.put('/o/r/resolve/v2/m.pte', bytes);
    const { pathname } = new URL(url);
    const config = { ...QUICK, endpoint: context.hub.url, revision: 'v2' };
    const asked = `https://huggingface.co${pathname.replace('v2', 'main')}`;
    expect((await load(asked, { store: new MemoryStore(), config })).bytes.length).toBe(SIZE);
  });
});

describe('redirects', () => {
  let elsewhere: Hub;
  beforeAll(async () => {
    elsewhere = await startHub();
  });
  afterAll(() => elsewhere.close());

  test('to another host never carry headers of the first, nor its token', async () => {
    const target = elsewhere.put('/files/m.pte', bytes).url;
    const { url } = publish({ redirect: target });
    const { host } = new URL(url);
    const there = new URL(target).host;
    const config = {
      ...QUICK,
      headers: Object.fromEntries<Record<string, string>>([
        [host, { 'X-Key': 's3cret' }],
        [there, { 'X-Other': 'theirs' }],
      ]),
      accessToken: { [host]: 't0ken' },
    };
    expect(equal((await load(url, { config })).bytes, bytes)).toBe(true);
    expect(context.hub.requests[0]?.headers).toMatchObject({ 'x-key': 's3cret' });
    expect(elsewhere.requests).toHaveLength(1);
    const [{ headers } = { headers: {} }] = elsewhere.requests;
    expect(headers).toMatchObject({ 'x-other': 'theirs' });
    expect(JSON.stringify(headers)).not.toMatch(/s3cret|t0ken/);
  });

  const withName = (url: string) => url.replace('http://', 'http://user:pa55%2F@');

  test('to another port of the host never carry name and password, nor headers of the first', async () => {
    const target = elsewhere.put('/files/named.pte', bytes).url;
    const { url } = publish({ redirect: target });
    const before = elsewhere.requests.length;
    expect(new URL(target).hostname).toBe(new URL(url).hostname);
    expect(equal((await load(withName(url))).bytes, bytes)).toBe(true);
    const basic = `Basic ${Buffer.from('user:pa55/').toString('base64')}`;
    expect(context.hub.requests[0]?.headers).toMatchObject({ authorization: basic });
    const [{ headers } = { headers: {} }] = elsewhere.requests.slice(before);
    expect(headers).not.toHaveProperty('authorization');
  });

  test.each<[string, How]>([
    ['refused', { faults: Array<Fault>(9).fill({ status: 403 }) }],
    ['broken', { faults: Array<Fault>(9).fill({ status: 503 }) }],
  ])('%s: no message, notice or record shows name and password', async (_how, how) => {
    const store = new MemoryStore();
    const notices: RetryNotice[] = [];
    const onRetry = (notice: RetryNotice) => void notices.push(notice);
    const error: unknown = await load(withName(publish(how).url), { store, onRetry }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ExecutorchError);
    const shown = JSON.stringify([(error as Error).message, notices, await store.list()]);
    expect(shown).not.toMatch(/pa55|user:/);
  });

  test('headers of a host are not sent to the same host at another port', async () => {
    const { url } = publish();
    const { hostname } = new URL(url);
    const secret = { 'X-Key': 's3cret' };
    const headers = { [`${hostname}:1`]: secret, [hostname]: secret };
    const config = { ...QUICK, headers };
    await load(url, { config });
    expect(JSON.stringify(context.hub.requests[0]?.headers)).not.toContain('s3cret');
  });

  test('within the host carry them, and without end are an error', async () => {
    const target = publish().url;
    const { url } = publish({ redirect: target });
    const config = { ...QUICK, headers: { [new URL(url).host]: { 'X-Key': 's3cret' } } };
    expect(equal((await load(url, { config })).bytes, bytes)).toBe(true);
    expect(context.hub.requests.at(-1)?.headers).toMatchObject({ 'x-key': 's3cret' });
    const loop = publish();
    loop.how.redirect = loop.url;
    await expect(load(loop.url, { config })).rejects.toMatchObject({
      code: ErrorCode.ResourceFetcherDownloadFailed,
    });
  });
});

describe('the first failure is told', () => {
  test('to onRetry, every time, and on the console, once', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const notices: RetryNotice[] = [];
    const { url } = publish({ faults: Array<Fault>(3).fill({ status: 503 }) });
    const requests: number[] = [];
    const onRetry = (notice: RetryNotice) => {
      requests.push(context.hub.downloadsOf(new URL(url).pathname).length);
      notices.push(notice);
    };
    await load(`${url}?token=s3cret`.replace(/\?.*/, ''), { onRetry });
    expect(notices.map(({ failures }) => failures)).toEqual([1, 2, 3]);
    expect(notices[0]).toMatchObject({ url, reason: 'HTTP status 503', attempts: 4 });
    // Each is told before the next attempt, not after the last one.
    expect(requests).toEqual([1, 2, 3]);
    expect(warn.mock.calls).toHaveLength(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(/^executorch-web: Cannot download .*HTTP status 503/);
    warn.mockRestore();
  });

  test('also of a server that cannot be reached', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    await expect(load('http://localhost:9/other.pte?key=s3cret', {})).rejects.toThrow();
    const [[message]] = warn.mock.calls as [[string]];
    expect(message).toMatch(/localhost:9\/other\.pte .*cannot be reached\. It will/);
    expect(message).not.toMatch(/s3cret/);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});

describe('sharing in one thread', () => {
  test('ten uses make one download', async () => {
    const store = new MemoryStore();
    const { url } = publish({ rate: 2_000_000 });
    const all = await Promise.all(Array.from({ length: 10 }, () => load(url, { store })));
    expect(all.every((one) => equal(one.bytes, bytes))).toBe(true);
    expect(context.hub.requests).toHaveLength(1);
  });

  test('when the first is aborted the next one goes on', async () => {
    const store = new MemoryStore();
    const { url } = publish({ rate: 1_000_000 });
    const controller = new AbortController();
    const first = load(url, { store, signal: controller.signal });
    const others = [load(url, { store }), load(url, { store })];
    setTimeout(() => controller.abort(), 200);
    await expect(first).rejects.toMatchObject({ code: ErrorCode.Aborted });
    for (const one of await Promise.all(others)) expect(equal(one.bytes, bytes)).toBe(true);
    expect(context.hub.requests).toHaveLength(2);
    expect(context.hub.sent()).toBeLessThanOrEqual(SIZE + 2 * CHUNK);
  });

  test('a failure of the first is the failure of all', async () => {
    const store = new MemoryStore();
    const { url } = publish({ faults: Array<Fault>(4).fill({ status: 500 }) });
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => load(url, { store })));
    expect(all.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    expect(context.hub.requests).toHaveLength(4);
  });

  test('a reader that stops holds the download back, and no longer than it reads', async () => {
    const { url } = publish();
    const file = await openRemoteFile(url, { store: new MemoryStore() });
    await file.read(0, 100);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(file.report.networkBytes).toBeLessThanOrEqual(3 * CHUNK);
    expect(equal(await readAll(file), bytes)).toBe(true);
    file.close();
  });

  test('bytes that have gone by are read from the store, or asked for again without one', async () => {
    for (const store of [new MemoryStore(), undefined]) {
      const { url } = publish();
      const file = await openRemoteFile(url, { store });
      expect(equal(await readAll(file), bytes)).toBe(true);
      const early = await file.read(10, 1000);
      expect(equal(early, bytes.subarray(10, 10 + early.length))).toBe(true);
      expect(early.length).toBeGreaterThan(0);
      file.close();
    }
  });
});

describe('stores that fail', () => {
  test('without room for a second model the older one goes; one in use stays', async () => {
    const store = new SmallStore(2.5 * SIZE);
    const first = publish().url;
    await load(first, { store });
    const second = publish().url;
    const inUse = await openRemoteFile(second, { store });
    await readAll(inUse);
    const third = publish().url;
    expect((await load(third, { store })).report.kept).toBe(true);
    const keys = (await store.list()).map(({ key }) => key);
    expect(keys.sort()).toEqual([second, third].sort());
    inUse.close();
  });

  test('without room at all the model is read from the network, and the report says why', async () => {
    const { url } = publish();
    const { bytes: found, report } = await load(url, { store: new SmallStore(2 * CHUNK) });
    expect(equal(found, bytes)).toBe(true);
    expect(report).toMatchObject({ kept: false, problem: expect.stringContaining('Quota') });
    expect(report.networkBytes).toBe(SIZE);
  });
});

/** A store with so many bytes of room. */
class SmallStore extends MemoryStore {
  constructor(private readonly room: number) {
    super();
  }
  override async append(...args: Parameters<MemoryStore['append']>): Promise<void> {
    const used = (await this.list()).reduce((sum, { stored }) => sum + stored, 0);
    if (used + args[2].byteLength > this.room) {
      throw new DOMException('no room', 'QuotaExceededError');
    }
    return super.append(...args);
  }
}
