// WebKitGTK by WebDriver: a page with the few methods of Playwright's that tests use in every engine.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { decode, encode } from './wire.mjs';

/** No sandbox, no GPU, and SharedArrayBuffer, which WebKitGTK has switched off. */
const ENVIRONMENT = {
  WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
  WEBKIT_DISABLE_DMABUF_RENDERER: '1',
  WEBKIT_DISABLE_COMPOSITING_MODE: '1',
  LIBGL_ALWAYS_SOFTWARE: '1',
  JSC_useSharedArrayBuffer: '1',
};
/** What Safari has and WebKitGTK has switched off: OPFS, quotas. */
const FEATURES = [
  'AccessHandle',
  'FileSystem',
  'FileSystemWritableStream',
  'StorageAPI',
  'StorageAPIEstimate',
];
const SCREEN = '1280x1024x24';
/** How long one command may wait in the page while others have something to do, and while nobody has. */
const [SHORT_SLICE, LONG_SLICE] = [20, 400];

const BROWSER = join(import.meta.dirname, 'webkit-browser.py');

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A screen without a monitor; resolves to {display, end}. */
async function startScreen() {
  const args = ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp'];
  const screen = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const display = await new Promise((resolve, reject) => {
    screen.on('error', reject);
    screen.on('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
    screen.stdio[3].once('data', (data) => resolve(`:${String(data).trim()}`));
  });
  return { display, end: () => screen.kill() };
}

/** Ends a process and all that it has started. */
function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** Starts the driver, which starts the browser at the first session. `say(line)` gets what they print. */
async function startDriver(display, say) {
  const port = await freePort();
  const child = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    env: { ...process.env, ...ENVIRONMENT, DISPLAY: display },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', say);
  const end = () => endGroup(child);
  process.once('exit', end);
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined);
    if (answer?.ok) return { url: `http://127.0.0.1:${port}`, end };
    if (attempt === 100) throw new Error('WebKitWebDriver does not answer');
    await sleep(50);
  }
}

/** One browser: commands go one after another, each to the window that it is meant for. */
class Session {
  #base;
  #first;
  #current;
  #queue = Promise.resolve();
  waiting = 0;

  constructor(base) {
    this.#base = base;
  }

  static async start(driver, profile) {
    const args = ['--profile', profile, ...FEATURES.flatMap((name) => ['--feature', name])];
    const options = { binary: BROWSER, args };
    const alwaysMatch = { 'webkitgtk:browserOptions': options };
    const value = await send(`${driver.url}/session`, 'POST', { capabilities: { alwaysMatch } });
    const session = new Session(`${driver.url}/session/${value.sessionId}`);
    await session.command('POST', '/timeouts', { script: 60_000, pageLoad: 120_000 });
    session.#first = await session.command('GET', '/window');
    return { session, version: value.capabilities.browserVersion };
  }

  /** Sends a command when those before it are done; `window` is switched to first. */
  command(method, path, body, window) {
    this.waiting++;
    const run = async () => {
      try {
        if (window && window !== this.#current) {
          await send(`${this.#base}/window`, 'POST', { handle: window });
          this.#current = window;
        }
        const content = typeof body === 'function' ? body() : body;
        return await send(this.#base + path, method, content);
      } finally {
        this.waiting--;
      }
    };
    const result = this.#queue.then(run);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** The window that the browser came with stays: without one it would end. */
  async openWindow() {
    const { handle } = await this.command('POST', '/window/new', { type: 'window' }, this.#first);
    return handle;
  }

  async closeWindow(window) {
    await this.command('DELETE', '/window', undefined, window);
    this.#current = undefined;
  }
}

async function send(url, method, body) {
  const content = method === 'POST' ? JSON.stringify(body ?? {}) : undefined;
  const answer = await fetch(url, { method, body: content });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`WebDriver: ${value.error}: ${value.message}`);
  return value;
}

/** Begins a call in the page; its outcome waits there under a number. */
const BEGIN = (code, argument, id) => `
  const { encode, decode } = (${wire})();
  const calls = (window.__calls ??= new Map());
  const told = (error) =>
    error instanceof Error || error instanceof DOMException
      ? { name: error.name, message: error.message, stack: error.stack }
      : { name: 'Error', message: String(error), stack: '' };
  const outcome = (async () => (${code})(decode(${argument})))();
  calls.set(${id}, outcome.then(
    (value) => JSON.stringify({ value: encode(value) }),
    (error) => JSON.stringify({ error: told(error) }),
  ));`;

/** The outcome, or 'pending' after a while, or 'gone' when the page is another one by now. */
const AWAIT = (id, slice) => `
  const done = arguments[arguments.length - 1];
  const call = window.__calls?.get(${id});
  if (!call) return done('gone');
  const late = new Promise((resolve) => setTimeout(() => resolve('pending'), ${slice}));
  Promise.race([call, late]).then((text) => {
    if (text !== 'pending') window.__calls.delete(${id});
    done(text);
  });`;

/** Text of both functions, for pages. */
const wire = `() => { const encode = ${encode}; const decode = ${decode}; return { encode, decode }; }`;

let lastCall = 0;

class Page {
  #session;
  #window;
  #address = 'about:blank';
  problems = [];
  warnings = [];

  constructor(session, window) {
    this.#session = session;
    this.#window = window;
  }

  #command(method, path, body) {
    return this.#session.command(method, path, body, this.#window);
  }

  /** Calls a function in the page with one argument; both ways undefined, typed arrays, big integers … survive. */
  async evaluate(what, argument) {
    const code =
      typeof what === 'function' ? `(${what})` : `() => (0, eval)(${JSON.stringify(what)})`;
    const id = ++lastCall;
    const script = BEGIN(code, JSON.stringify(encode(argument)), id);
    await this.#command('POST', '/execute/sync', { script, args: [] });
    for (;;) {
      const text = await this.#command('POST', '/execute/async', () => {
        const slice = this.#session.waiting > 1 ? SHORT_SLICE : LONG_SLICE;
        return { script: AWAIT(id, slice), args: [] };
      });
      if (text === 'gone') throw new Error('the page went away during a call');
      if (text !== 'pending') return outcomeOf(JSON.parse(text));
    }
  }

  async goto(address) {
    this.#address = address;
    await this.#command('POST', '/url', { url: address });
  }

  reload() {
    return this.#command('POST', '/refresh');
  }

  url() {
    return this.#address;
  }

  /** Resolves when the function gives something true; rejects after `timeout` milliseconds. */
  async waitForFunction(what, argument, { timeout = 120_000 } = {}) {
    const deadline = Date.now() + timeout;
    while (!(await this.evaluate(what, argument))) {
      if (Date.now() > deadline) throw new Error(`waited ${timeout} ms for ${what}`);
      await sleep(30);
    }
  }

  waitForTimeout(milliseconds) {
    return sleep(milliseconds);
  }

  async addScriptTag({ url, content, type }) {
    await this.evaluate(
      ([url, content, type]) =>
        new Promise((resolve, reject) => {
          const script = document.createElement('script');
          if (type) script.type = type;
          if (url) script.src = url;
          else script.textContent = content;
          script.onload = resolve;
          script.onerror = () => reject(new Error(`cannot load ${url}`));
          document.head.append(script);
          if (!url) resolve();
        }),
      [url, content, type],
    );
  }

  close() {
    return this.#session.closeWindow(this.#window);
  }
}

function outcomeOf({ value, error }) {
  if (!error) return decode(value);
  const thrown = new Error(error.message);
  throw Object.assign(thrown, {
    name: error.name,
    stack: `${error.name}: ${error.message}\n${error.stack}`,
  });
}

/** Resolves to {version, newPage(), kill(), close()}; what the console says of errors goes to the open pages' `problems`. */
export async function startWebKit({ profile } = {}) {
  const folder = profile ?? mkdtempSync(join(tmpdir(), 'ew-webkit-'));
  const screen = await startScreen();
  const pages = new Set();
  const driver = await startDriver(screen.display, (line) => {
    const [, level, text] = /CONSOLE (?:\S+ )?(ERROR|WARN) (.*)/.exec(line) ?? [];
    // Nothing says which page it is of.
    for (const page of pages) {
      if (level === 'ERROR') page.problems.push(text);
      if (level === 'WARN') page.warnings.push(text);
    }
  });
  const { session, version } = await Session.start(driver, folder);
  const newPage = async () => {
    const page = new Page(session, await session.openWindow());
    pages.add(page);
    return page;
  };
  const close = async () => {
    await session.command('DELETE', '').catch(() => undefined);
    driver.end();
    screen.end();
    if (!profile) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  return { version, display: screen.display, newPage, kill: driver.end, close };
}
