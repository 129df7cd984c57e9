/** Whether a download is the whole file: compressed answers that were cut short, parts that nobody asked for. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as zlib from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ResourceConfiguration } from '../../../js/base/resource-config.js';
import { localService } from '../../../js/downloads/local-service.js';
import { openSource } from '../../../js/downloads/open.js';
import { MemoryStore } from '../../../js/downloads/store/memory.js';
import { fakeModel } from '../../lib/hub.mjs';
import { QUICK, load, readBytes } from './file-tools.js';

const SIZE = 300_000;
const bytes = fakeModel(SIZE);
bytes.fill(7, 1000, 200_000);
const config: ResourceConfiguration = { ...QUICK, store: 'memory', hubMetadata: false };

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let answer: Answer;
let url: string;
let requests: IncomingMessage[];

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  url = `http://localhost:${(server.address() as AddressInfo).port}/m.pte`;
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await localService.remove([url], config);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const encoders: Record<string, ((data: Uint8Array) => Uint8Array) | undefined> = {
  gzip: zlib.gzipSync,
  br: zlib.brotliCompressSync,
  deflate: zlib.deflateSync,
  zstd: (zlib as { zstdCompressSync?: (data: Uint8Array) => Uint8Array }).zstdCompressSync,
};

/** Compressing takes longer than downloads here have patience. */
const forms: Record<string, Uint8Array> = {};
beforeAll(() => {
  for (const [name, encode] of Object.entries(encoders)) if (encode) forms[name] = encode(bytes);
});

/** The compressed form, whatever the request says; without its last `cut` bytes, and with a length that fits. */
const compressed =
  (encoding: string, cut: number, headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    const all = forms[encoding]!;
    const body = all.subarray(0, all.length - cut);
    response.writeHead(200, {
      ...headers,
      'Content-Encoding': encoding,
      'Content-Length': body.length,
    });
    response.end(body);
  };
const plain: Answer = ({ headers }, response) => {
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  const from = Number(range?.[1] ?? 0);
  if (from >= SIZE) {
    response.writeHead(416, { 'Content-Range': `bytes */${SIZE}` });
    return response.end();
  }
  const told = { 'Content-Range': `bytes ${from}-${SIZE - 1}/${SIZE}`, ETag: '"a"' };
  response.writeHead(range ? 206 : 200, { ...told, 'Content-Length': SIZE - from });
  response.end(bytes.subarray(from));
};

const entry = async () =>
  (await localService.storage(config)).entries.find((one) => one.url === url);
const isSame = (found: Uint8Array) => Buffer.from(found).equals(Buffer.from(bytes));

/** Fetches, and says how; platforms may notice for themselves that something is missing. */
const fetched = () =>
  localService.fetch(url, config).then(
    () => 'stored',
    () => 'refused',
  );

describe.each(Object.keys(encoders).filter((name) => encoders[name]))('%s', (encoding) => {
  test.each([0, 9, 2000])('with %i bytes missing is not stored as proven', async (cut) => {
    answer = compressed(encoding, cut);
    if ((await fetched()) === 'refused') return expect(cut).toBeGreaterThan(0);
    expect(await entry()).toMatchObject({ complete: false, size: undefined });
  });

  test('is continued where parts come as they are', async () => {
    answer = (request, response) =>
      (request.headers.range ? plain : compressed(encoding, 2000, { ETag: '"a"' }))(
        request,
        response,
      );
    const store = new MemoryStore();
    const found = await load(url, { store });
    expect(isSame(found.bytes)).toBe(true);
    expect(await store.get(url)).toMatchObject({ state: 'complete', size: SIZE });
  });

  test('is proven by a part behind its end', async () => {
    answer = (request, response) =>
      (request.headers.range ? plain : compressed(encoding, 0))(request, response);
    expect(await fetched()).toBe('stored');
    expect(await entry()).toMatchObject({ complete: true, size: SIZE });
    expect(requests).toHaveLength(2);
  });

  test.each(['background', 'immutable'] as const)(
    'cut short and refused (%s): fetched again by the same load',
    async (freshness) => {
      answer = compressed(encoding, 2000);
      if ((await fetched()) === 'refused') return;
      answer = plain;
      const source = await openSource(url, { freshness }, config);
      const before = await readBytes(source);
      expect(isSame(before)).toBe(false);
      const { ExecutorchError, ErrorCode } = await import('../../../js/base/errors.js');
      const refusal = new ExecutorchError(ErrorCode.InvalidConfig, 'no labels');
      expect(await source.restart!(refusal)).toBe(true);
      expect(isSame(await readBytes(source))).toBe(true);
      await source.complete!();
      source.close();
      expect(await entry()).toMatchObject({ complete: true, size: SIZE });
    },
  );
});

test('Node asks for bytes as they are', async () => {
  answer = plain;
  await localService.fetch(url, config);
  expect(requests.map(({ headers }) => headers['accept-encoding'])).toEqual(['identity']);
});

test.each([2, 3, 4, 6])(
  'ranges that break after some bytes go on with %i attempts',
  async (attempts) => {
    answer = ({ headers }, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
      response.writeHead(headers.range ? 206 : 200, {
        ETag: '"a"',
        'Content-Length': SIZE - from,
        ...(headers.range && { 'Content-Range': `bytes ${from}-${SIZE - 1}/${SIZE}` }),
      });
      response.write(bytes.subarray(from, from + 70_000));
      setTimeout(() => (from + 70_000 < SIZE ? response.destroy() : response.end()), 50);
    };
    const download = { ...QUICK.download, attempts };
    const found = await load(url, { store: new MemoryStore(), config: { ...config, download } });
    expect(isSame(found.bytes)).toBe(true);
    expect(found.report.networkBytes).toBe(SIZE);
    expect(requests).toHaveLength(5);
  },
);

test('a part that was not asked for is named', async () => {
  answer = (_, response) => {
    response.writeHead(206, { 'Content-Range': `bytes 0-999/${SIZE}`, 'Content-Length': 1000 });
    response.end(bytes.subarray(0, 1000));
  };
  await expect(load(url, { store: new MemoryStore() })).rejects.toMatchObject({
    message: expect.stringContaining(`a part (bytes 0-999/${SIZE}), which was not asked for`),
  });
});

test('an answer without a byte is called empty', async () => {
  answer = (_, response) => void response.end();
  await expect(load(url, { store: new MemoryStore() })).rejects.toMatchObject({
    message: expect.stringContaining('the answer is empty: 0 bytes'),
  });
});
