// Models whose weights lie in a data file (.ptd) beside them: every kind of source, one progress, errors.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { api, useVariant } from '../lib/product.mjs';

const FOLDER = 'tests/fixtures/ptd';
const read = (name: string) => new Uint8Array(readFileSync(`${FOLDER}/${name}`));

// 8 inputs, then 6 outputs of PyTorch.
const VALUES = readFileSync(`${FOLDER}/values.txt`, 'utf8').trim().split('\n').map(Number);
const INPUT = {
  dataPtr: Float32Array.from(VALUES.slice(0, 8)),
  sizes: [2, 4],
  scalarType: api.ScalarType.FLOAT,
};
const KINDS = ['portable', 'xnnpack'] as const;

/** Answers with the fixtures, by path; with `?chunked` nobody is told their size. */
const server = createServer((request, response) => {
  const { pathname, search } = new URL(request.url!, 'http://x');
  const bytes = read(pathname.slice(1));
  const isChunked = search === '?chunked';
  response.writeHead(200, isChunked ? {} : { 'content-length': bytes.byteLength });
  response.write(bytes.subarray(0, 100));
  response.end(bytes.subarray(100));
});
let origin = '';

beforeAll(async () => {
  await useVariant('simd');
  api.configure({ store: 'memory' });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

type Source = Parameters<InstanceType<typeof api.ExecutorchModule>['load']>[0];

/** Loads, runs, and gives the largest difference to PyTorch. */
async function differenceOf(
  model: Source,
  options?: { dataSource?: object | string },
): Promise<number> {
  const module = new api.ExecutorchModule();
  await module.load(model, undefined, options);
  const [output] = await module.forward([INPUT]);
  module.delete();
  const found = new Float32Array(output!.dataPtr as ArrayBuffer);
  return Math.max(...VALUES.slice(8).map((value, i) => Math.abs(value - found[i]!)));
}

describe.each(KINDS)('%s', (kind) => {
  const sources = (): [string, object | string, object | string][] => [
    ['paths', `${FOLDER}/${kind}.pte`, `${FOLDER}/${kind}.ptd`],
    ['bytes', read(`${kind}.pte`), read(`${kind}.ptd`)],
    ['a Blob and a path', new Blob([read(`${kind}.pte`)]), `${FOLDER}/${kind}.ptd`],
    ['addresses', `${origin}/${kind}.pte`, `${origin}/${kind}.ptd`],
    ['addresses without sizes', `${origin}/${kind}.pte?chunked`, `${origin}/${kind}.ptd?chunked`],
  ];

  test.each([0, 1, 2, 3, 4])('equals PyTorch, sources %#', async (index) => {
    const [, modelSource, dataSource] = sources()[index]!;
    expect(await differenceOf({ modelSource, dataSource })).toBeLessThan(1e-6);
  });

  test('as an option of load()', async () => {
    const options = { dataSource: read(`${kind}.ptd`) };
    expect(await differenceOf(read(`${kind}.pte`), options)).toBeLessThan(1e-6);
  });
});

test('progress is that of both files, and grows to 1', async () => {
  const shown: number[] = [];
  const module = new api.ExecutorchModule();
  const files = { modelSource: `${origin}/xnnpack.pte`, dataSource: `${origin}/xnnpack.ptd` };
  await module.load(files, (fraction) => shown.push(fraction));
  module.delete();
  expect(shown.at(-1)).toBe(1);
  expect(shown.every((value, i) => i === 0 || value > shown[i - 1]!)).toBe(true);
});

test('both files are stored: the second load asks the server for nothing', async () => {
  const files = {
    modelSource: `${origin}/portable.pte?stored`,
    dataSource: `${origin}/portable.ptd?stored`,
  };
  const reports = [];
  for (let load = 0; load < 2; load++) {
    const module = new api.ExecutorchModule();
    await module.load(files, undefined, { freshness: 'immutable' });
    reports.push(module.loadReport!.resource!);
    module.delete();
  }
  const bytes = read('portable.pte').byteLength + read('portable.ptd').byteLength;
  expect(reports.map(({ networkBytes }) => networkBytes)).toEqual([bytes, 0]);
  expect(reports[1]!.storedBytes).toBeGreaterThan(0);
  expect(reports.every(({ kept }) => kept)).toBe(true);
});

describe('what is wrong', () => {
  const model = () => read('portable.pte');

  test('without its data file a model is refused by the name of the weight', () =>
    expect(differenceOf(model())).rejects.toThrow(/data file|\.ptd/));

  test('another kind of file', () =>
    expect(differenceOf({ modelSource: model(), dataSource: model() })).rejects.toThrow(
      /this is not a .ptd file/,
    ));

  test('a data file that was cut', () => {
    const dataSource = read('portable.ptd').subarray(0, -1);
    return expect(differenceOf({ modelSource: model(), dataSource })).rejects.toThrow(/truncated/);
  });

  test('a path that does not exist', () =>
    expect(differenceOf({ modelSource: model(), dataSource: '/none.ptd' })).rejects.toMatchObject({
      code: api.ErrorCode.FileReadFailed,
    }));

  test('a number', () =>
    expect(
      differenceOf({ modelSource: model(), dataSource: true as unknown as string }),
    ).rejects.toMatchObject({ code: api.ErrorCode.InvalidModelSource }));
});

test.each([
  ['inspect', 'inspect', `${FOLDER}/xnnpack.pte`],
  ['run', 'run', `${FOLDER}/xnnpack.pte`, '--input', 'ones'],
])('the command line: %s', (_, ...args) => {
  const command = ['dist/cli.js', ...args, '--data', `${FOLDER}/xnnpack.ptd`];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/output 0/);
});
