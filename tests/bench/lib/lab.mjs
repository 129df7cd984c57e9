// Chromium for measurements: every engine in a page, and so a renderer process, of its own.
import { startBrowser } from '../../lib/browser.mjs';
import { residentMemory } from './process.mjs';
import { longestTasks, processOf } from './trace.mjs';

// Nothing may come from, or go to, anywhere else.
const ARGS = ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost'];
/** No call takes nearly as long, unless it hangs. */
const PATIENCE_MS = 180_000;
const CATEGORIES = ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'];

/** Starts server and browser. Resolves to {browserVersion, open, requests, close}. */
export async function startLab(mounts) {
  const started = await startBrowser({ isolated: true, mounts, args: ARGS });
  const { playwright: browser, url, requests } = started;

  /** A bench page: `engine` is a module of tests/bench/page, `options` are its own; see Bench. */
  const open = async (engine, options = {}) => {
    // Contexts share nothing, so the page gets a process that no other page uses.
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(300_000);
    await page.goto(`${url}/tests/bench/page/index.html`);
    const trace = await traced(browser, page, () => undefined);
    const bench = new Bench(browser, context, page, processOf(trace, page.url()));
    await bench.call('open', engine, options);
    return bench;
  };
  return { browserVersion: browser.version(), open, requests, close: started.close };
}

/** One page with one engine. */
class Bench {
  constructor(browser, context, page, pid) {
    Object.assign(this, { browser, context, page, pid });
  }

  /** Calls window.bench[method] of tests/bench/page/bench.mjs; an engine that hangs fails. */
  async call(method, ...args) {
    const answer = this.page.evaluate(
      ([name, list]) => window.bench[name](...list),
      [method, args],
    );
    let timer;
    const late = new Promise((_, reject) => {
      const seconds = PATIENCE_MS / 1000;
      const error = new Error(`${method} did not end within ${seconds} seconds`);
      timer = setTimeout(() => reject(error), PATIENCE_MS);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }

  memory() {
    return residentMemory(this.pid);
  }

  /** Has the page drop what nobody refers to any more. */
  async collectGarbage() {
    const cdp = await this.context.newCDPSession(this.page);
    await cdp.send('HeapProfiler.collectGarbage');
    await cdp.detach();
  }

  /** Runs `work` and resolves to the longest tasks of the page's main thread meanwhile. */
  async traced(work) {
    return longestTasks(await traced(this.browser, this.page, work), this.pid);
  }

  close() {
    return this.context.close();
  }
}

/** What Chromium records while `work` goes on. */
async function traced(browser, page, work) {
  await browser.startTracing(page, { categories: CATEGORIES });
  let trace;
  try {
    await work();
  } finally {
    trace = await browser.stopTracing();
  }
  return JSON.parse(trace.toString());
}
