// A real browser on pages of a local server: what browser tests and benchmarks run in. EW_BROWSER names the engine.
import { join } from 'node:path';
import { chromium, firefox } from 'playwright-core';
import { BROWSERS } from '../../scripts/lib/browsers.mjs';
import { serve } from '../../scripts/lib/server.mjs';
import { ENGINE } from './engines.mjs';
import { ROOT, SHARED, readShared } from './shared.mjs';
import { startWebKit } from './webdriver.mjs';

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

/** Playwright's launch of each engine that it drives; hosts are names that lead to this machine, args are Chromium's. */
const LAUNCH = {
  chromium: ({ hosts, camera, args }) =>
    chromium.launch({
      executablePath: BROWSERS.chromium.path(),
      args: [
        '--no-sandbox',
        '--disable-dev-shm-usage',
        ...hosts.map((name) => `--host-resolver-rules=MAP ${name} 127.0.0.1`),
        ...(camera ? ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] : []),
        ...args,
      ],
    }),
  firefox: ({ hosts, camera }) =>
    firefox.launch({
      channel: 'moz-firefox',
      executablePath: BROWSERS.firefox.path(),
      firefoxUserPrefs: {
        // Storage that stays is a question to somebody who is not there.
        'dom.storageManager.prompt.testing': true,
        'dom.storageManager.prompt.testing.allow': true,
        'network.dns.localDomains': hosts.join(','),
        'media.navigator.streams.fake': camera,
        'media.navigator.permission.disabled': camera,
      },
    }),
};

/**
 * What Firefox says, as of an error, of a request through a service worker that the page gives up in its middle. It has
 * other words for service workers that answer wrongly.
 */
const GIVEN_UP = /A ServiceWorker intercepted the request and encountered an unexpected error/;

async function startPlaywright(options) {
  const playwright = await LAUNCH[ENGINE](options);
  const context = await playwright.newContext();
  const newPage = async () => {
    const page = await context.newPage();
    Object.assign(page, { problems: [], warnings: [] });
    const note = (text) => GIVEN_UP.test(text) || page.problems.push(text);
    page.on('pageerror', (error) => note(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') note(message.text());
      if (message.type() === 'warning') page.warnings.push(message.text());
    });
    page.setDefaultTimeout(120_000);
    return page;
  };
  const close = () => playwright.close();
  return { playwright, context, version: playwright.version(), newPage, close };
}

/**
 * Starts server and browser. Resolves to {version, url, requests, newPage, close}, with Playwright also {playwright, context}.
 * newPage(address, prepare) opens a page (default: an empty one; prepare(page) comes before it is loaded). What goes wrong
 * in it is in `page.problems`, what the console is warned of in `page.warnings`. In every engine a page has evaluate, goto, reload, waitForFunction, waitForTimeout,
 * addScriptTag, url and close; what else Playwright's have is the capability 'locators' (engines.mjs).
 */
export async function startBrowser({
  isolated = false,
  headers = {},
  mounts = {},
  answers = {},
  hosts = [],
  camera = false,
  args = [],
} = {}) {
  const handler = (request, response) =>
    answerOf(answers, request, response) || answer(request, response);
  const server = await serve({ ...MOUNTS, ...mounts }, { isolated, headers, handler });
  const start = ENGINE === 'webkit' ? startWebKit : startPlaywright;
  const browser = await start({ hosts, camera, args });
  const newPage = async (address = '/blank', prepare = undefined) => {
    const page = await browser.newPage();
    await prepare?.(page);
    await page.goto(new URL(address, server.url).href);
    return page;
  };
  const close = async () => {
    await browser.close();
    await server.close();
  };
  return { ...browser, url: server.url, requests: server.requests, newPage, close };
}
