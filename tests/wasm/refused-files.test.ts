/** Stored files that do not fit: a load that refuses one gets the server's file at once, unless its caller is to blame. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { api, useVariant } from '../lib/product.mjs';

const file = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)));
const right = file('../../models/photo/efficientnet_lite0_int8.pte');
const wrong = file('../fixtures/pte/add.pte');

let server: Server;
let body: Buffer;
let hasTag: boolean;
let gets: number;
let modelSource: string;

beforeEach(async () => {
  useVariant('simd');
  api.configure({ store: 'memory' });
  [gets, hasTag] = [0, false];
  server = createServer(({ method, headers }, response) => {
    const tag = `"${body.length}"`;
    if (hasTag) response.setHeader('ETag', tag);
    if (hasTag && headers['if-none-match'] === tag) return response.writeHead(304).end();
    if (method === 'GET' && !headers.range) gets++;
    response.setHeader('Content-Length', body.length);
    response.end(method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  modelSource = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m.pte`;
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await api.ResourceFetcher.deleteResources(modelSource);
  api.configure({ store: 'none', freshness: 'background' });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function load(model: object = {}): Promise<string> {
  const module = new api.ClassificationModule();
  try {
    await module.load({ modelSource, ...model });
    return 'OK';
  } catch (error) {
    return (error as InstanceType<typeof api.ExecutorchError>).codeName;
  } finally {
    module.delete();
  }
}
const stored = async () => (await api.ResourceFetcher.storage()).entries.map(({ bytes }) => bytes);

test.each(['background', 'immutable', 'check'] as const)(
  'a stored file that does not fit the task is fetched again by the same load (%s)',
  async (freshness) => {
    body = wrong;
    await api.ResourceFetcher.fetch(() => undefined, modelSource);
    body = right;
    expect(await load({ freshness })).toBe('OK');
    expect(await stored()).toEqual([right.length]);
  },
);

test('one that came from the network just now is not kept', async () => {
  body = wrong;
  expect(await load()).toBe('InvalidConfig');
  expect([gets, await stored()]).toEqual([1, []]);
  body = right;
  expect(await load()).toBe('OK');
});

test('a newer file that does not fit the task leaves the one from before', async () => {
  body = right;
  hasTag = true;
  expect(await load()).toBe('OK');
  body = wrong;
  expect(await load({ freshness: 'check' })).toBe('OK');
  expect(await stored()).toEqual([right.length]);
});

const said: [string, object][] = [
  ['labels', { labels: ['only', 'two'] }],
  ['a method', { method: 'backward' }],
  ['a wrong preprocessor', { preprocessor: 5 }],
];
test.each(said)(
  '%s of the caller that the file does not have costs no good file',
  async (_, model) => {
    body = right;
    expect(await load()).toBe('OK');
    for (let i = 0; i < 2; i++) expect(await load(model)).not.toBe('OK');
    expect([gets, await stored()]).toEqual([1, [right.length]]);
    // The first time that it is loaded, too.
    await api.ResourceFetcher.deleteResources(modelSource);
    expect(await load({ labels: ['only', 'two'] })).toBe('InvalidConfig');
    expect(await load()).toBe('OK');
    expect(gets).toBe(2);
  },
);

test('labels of the caller that fit the new file only: the same load has it', async () => {
  body = wrong;
  hasTag = true;
  await api.ResourceFetcher.fetch(() => undefined, modelSource);
  body = right;
  const labels = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
  expect(await load({ labels })).toBe('OK');
});
