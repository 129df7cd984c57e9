// A real Chromium on pages of a local server: what browser tests and benchmarks run in.
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { serve } from '../../scripts/lib/server.mjs';
import { chromiumPath } from '../../scripts/lib/system.mjs';
import { ROOT, SHARED, readShared } from './shared.mjs';

const BLANK = '<!doctype html><meta charset="utf-8"><title>test</title>';

/** What the pages may see. `/shared-unpacked/x` answers with x of the collection, decompressed. */
const MOUNTS = {
  '/dist/': join(ROOT, 'dist'),
  '/tests/': join(ROOT, 'tests'),
  '/models/': join(ROOT, 'models'),
  '/shared/': SHARED,
};

let lastUnpacked = { path: '', bytes: Buffer.alloc(0) };

/** `/blank` is an empty page; `/clear` has the browser clear the origin's storage; `/shared-unpacked/…` a file of the collection without its compression. */
function answer(request, response) {
  const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
  if (path === '/blank') {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(BLANK);
    return true;
  }
  if (path === '/clear') {
    response.writeHead(200, { 'Clear-Site-Data': '"storage"' }).end('cleared');
    return true;
  }
  const prefix = '/shared-unpacked/';
  if (!path.startsWith(prefix)) return false;
  const name = path.slice(prefix.length);
  if (lastUnpacked.path !== name) lastUnpacked = { path: name, bytes: readShared(name) };
  const headers = { 'Content-Length': lastUnpacked.bytes.length };
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', ...headers });
  response.end(lastUnpacked.bytes);
  return true;
}

/** What a test wants an address to be answered with: `answers` maps paths to [MIME type, body]. */
function answerOf(answers, request, response) {
  const found = answers[new URL(request.url, 'http://x').pathname];
  if (found) response.writeHead(200, { 'Content-Type': found[0] }).end(found[1]);
  return found !== undefined;
}

/**
 * Starts server and browser. Resolves to {playwright, context, url, requests, newPage, close}; newPage(path, prepare) opens a page
 * (default: an empty one; prepare(page) comes before it is loaded) whose errors fail the test that looks at `page.problems`.
 */
export async function startBrowser({
  isolated = false,
  headers = {},
  mounts = {},
  answers = {},
  args = [],
} = {}) {
  const handler = (request, response) =>
    answerOf(answers, request, response) || answer(request, response);
  const server = await serve({ ...MOUNTS, ...mounts }, { isolated, headers, handler });
  const playwright = await chromium.launch({
    executablePath: chromiumPath(),
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...args],
  });
  const context = await playwright.newContext();
  const newPage = async (path = '/blank', prepare = undefined) => {
    const page = await context.newPage();
    page.problems = [];
    page.on('pageerror', (error) => page.problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') page.problems.push(message.text());
    });
    page.setDefaultTimeout(120_000);
    await prepare?.(page);
    await page.goto(new URL(path, server.url).href);
    return page;
  };
  const close = async () => {
    await playwright.close();
    await server.close();
  };
  return { playwright, context, url: server.url, requests: server.requests, newPage, close };
}
