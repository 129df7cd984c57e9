// The development server survives what strangers send, and serves its folder only.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serve } from '../../scripts/lib/server.mjs';

let folder = '';
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ew-server-'));
  const root = join(folder, 'root');
  mkdirSync(join(root, 'page.html'), { recursive: true });
  mkdirSync(join(root, '.git'));
  writeFileSync(join(root, 'a.txt'), '0123456789');
  writeFileSync(join(root, 'empty.txt'), '');
  writeFileSync(join(root, '.secret'), 'secret');
  writeFileSync(join(root, '.git/config'), 'secret');
  writeFileSync(join(folder, 'outside.txt'), 'secret');
  symlinkSync(join(folder, 'outside.txt'), join(root, 'link.txt'));
  symlinkSync(join(root, 'a.txt'), join(root, 'inner.txt'));
  symlinkSync(join(root, '.secret'), join(root, 'shown.txt'));
  symlinkSync(join(root, '.git'), join(root, 'shown'));
  server = await serve({ '/': root });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Status and body of a request that is sent as it is written. */
function ask(target: string, headers = ''): Promise<[number, string]> {
  return new Promise((done, failed) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('error', failed);
    socket.on('close', () => {
      const [head = '', body = ''] = text.split('\r\n\r\n');
      done([Number(head.split(' ')[1]), body]);
    });
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
  });
}

test.each([
  ['/a.txt', 200],
  ['/a.txt?x=%', 200],
  ['/inner.txt', 200],
  ['/empty.txt', 200],
  ['/%', 400],
  ['/%ff', 400],
  ['//', 404],
  ['//a//b', 404],
  ['/a.txt/b', 404],
  ['/page.html', 404],
  ['/%00', 404],
  [`/${'x'.repeat(5000)}`, 404],
  ['/../outside.txt', 404],
  ['/%2e%2e/outside.txt', 404],
  ['/..%2foutside.txt', 404],
  ['/..%5coutside.txt', 404],
  ['/.secret', 404],
  ['/.git/config', 404],
  ['/link.txt', 404],
  ['/shown.txt', 404],
  ['/shown/config', 404],
])('%s is answered with %i', async (target, status) => {
  const [found, body] = await ask(target);
  expect([found, body.includes('secret')]).toEqual([status, false]);
});

test.each([
  ['bytes=2-4', 206, '234'],
  ['bytes=8-', 206, '89'],
  ['bytes=8-99', 206, '89'],
  ['bytes=-3', 206, '789'],
  ['bytes=-99', 206, '0123456789'],
  ['bytes=10-', 416, ''],
  ['bytes=-0', 416, ''],
  ['bytes=4-2', 200, '0123456789'],
  ['bytes=-', 200, '0123456789'],
  ['bytes=a-b', 200, '0123456789'],
  ['lines=1-2', 200, '0123456789'],
  ['bytes=0-1,3-4', 200, '0123456789'],
])('range %s is answered with %i', async (range, status, body) => {
  expect(await ask('/a.txt', `Range: ${range}\r\n`)).toEqual([status, body]);
});

test('a file that is still being made is sent when it is there', async () => {
  const root = join(folder, 'late');
  mkdirSync(root);
  let setReady = () => {};
  const ready = new Promise<void>((resolve) => (setReady = resolve));
  const late = await serve({ '/': root }, { until: (path) => path === '/late.txt' && ready });
  try {
    const answer = fetch(`${late.url}/late.txt`).then((response) => response.text());
    expect((await fetch(`${late.url}/other.txt`)).status).toBe(404);
    writeFileSync(join(root, 'late.txt'), 'made');
    setReady();
    expect(await answer).toBe('made');
  } finally {
    await late.close();
  }
});
