/** Finding out, and saying, why a worker does not start. Fetched when it does not. */
import { timeoutSignal } from '../base/platform.js';

/** Milliseconds for finding out what is wrong with an address. */
const DIAGNOSIS_TIMEOUT = 5_000;

/** The script that the page asked for as a worker, when only the bundler knows its name. */
export function lastWorkerRequest(): string | undefined {
  if (typeof performance !== 'object' || !performance.getEntriesByType) return undefined;
  const names = performance.getEntriesByType('resource').map(({ name }) => name);
  return names.reverse().find((name) => /worker[^/]*\.m?js/i.test(name));
}

/** What a server answers to a request for the script. */
export interface Answer {
  /** Status and MIME type. */
  summary: string;
  /** The text, when it may be a script. */
  script?: string;
}

/** Asks the server for the script. Never fails. */
export async function ask(address: string): Promise<Answer> {
  try {
    const signal = timeoutSignal(DIAGNOSIS_TIMEOUT);
    const response = await fetch(address, { credentials: 'same-origin', signal });
    const type = response.headers.get('content-type') ?? 'no MIME type';
    const text = await response.text();
    const isPage = /^\s*</.test(text);
    const summary = `HTTP status ${response.status}, ${type}${isPage ? ', a page instead of a script' : ''}`;
    return response.ok && !isPage && text !== '' ? { summary, script: text } : { summary };
  } catch {
    return { summary: 'the server does not answer, or does not let this page read it' };
  }
}

/** Why the worker cannot be started from an address. */
export function ofStart(reason: string, address: string | undefined, answer: Answer | undefined) {
  const where = address === undefined ? '' : ` from ${address}`;
  const said = answer ? ` (${answer.summary})` : '';
  return (
    `Cannot start the worker${where}${said}: ${reason}. Serve dist/worker.js of this package, and call ` +
    'configure({ workerUrl }) with its address when it is another one.'
  );
}
