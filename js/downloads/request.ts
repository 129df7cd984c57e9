/** One request for a file or a part of it, and what its answer says. */
import { ErrorCode, ExecutorchError, abortError } from '../base/errors.js';
import { shownAddress, type Address } from './address.js';
import type { Validator } from './store/types.js';

/** A failure after which the same request may succeed. */
export class Passing extends Error {
  constructor(
    message: string,
    /** Milliseconds that the server asks to wait. */
    readonly retryAfter?: number,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** The server has another file under the address than the one that was begun. */
export class Changed extends Error {}

export interface Answer {
  response: Response;
  /** File offset of the first byte of the body. */
  start: number;
  /** Bytes of the whole file, when the answer is certain about it. */
  size: number | undefined;
  /** Bytes of the whole file, or of its compressed form: good for progress. */
  hint: number | undefined;
  validator: Validator;
  contentType: string;
  /** True when the requested offset is the end of the file. */
  isEnd: boolean;
}

interface RequestOptions {
  signal: AbortSignal;
  /** First byte that is wanted; 0 requests the whole file. */
  from: number;
  /** Byte after the last that is wanted. */
  to?: number;
  validator?: Validator | undefined;
}

/**
 * @throws Passing, Changed, ExecutorchError ResourceFetcherDownloadFailed for what repeating will not mend,
 * Aborted.
 */
export async function requestFrom(
  address: Address,
  { signal, from, to, validator }: RequestOptions,
): Promise<Answer> {
  const headers = { ...address.headers };
  if (from > 0 || to !== undefined) {
    headers.Range = `bytes=${from}-${to === undefined ? '' : to - 1}`;
    // Other origins would be asked for permission first (a preflight), which some CDNs get wrong.
    const { etag } = validator ?? {};
    if (etag && !etag.startsWith('W/') && isSameOrigin(address.url)) headers['If-Range'] = etag;
  }
  let response: Response;
  try {
    response = await fetch(address.url, {
      headers,
      signal,
      // Chromium has served a stored part as the whole; our store is the cache.
      cache: 'no-store',
      credentials: 'same-origin',
      referrerPolicy: 'no-referrer',
    });
  } catch (cause) {
    if (signal.aborted) throw abortError(signal);
    throw new Passing(
      'the server cannot be reached (or forbids this page to read it)',
      undefined,
      cause,
    );
  }
  return answerOf(address, response, from);
}

function answerOf(address: Address, response: Response, from: number): Answer {
  const { status, headers } = response;
  const contentType = headers.get('content-type') ?? '';
  const answer: Answer = {
    response,
    start: 0,
    size: undefined,
    hint: undefined,
    validator: validatorOf(headers),
    contentType,
    isEnd: false,
  };
  if (status === 206) {
    const [, first, total] =
      /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
    if (isEncoded(headers)) throw new Changed('parts are compressed');
    answer.start = first === undefined ? from : Number(first);
    if (total !== undefined && total !== '*') answer.size = Number(total);
    if (answer.start !== from)
      throw new Passing(`the answer begins at byte ${answer.start}, not ${from}`);
    return answer;
  }
  if (status === 416) {
    const total = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
    if (total !== undefined && Number(total) !== from) throw new Changed('the file is shorter now');
    return { ...answer, start: from, isEnd: true, size: total === undefined ? undefined : from };
  }
  if (status === 200) {
    takeLength(answer, response);
    return answer;
  }
  throw failureOf(address, response);
}

/** Content-Length counts the bytes of the file only where nothing was compressed on the way. */
function takeLength(answer: Answer, { headers, type }: Response): void {
  const length = Number(headers.get('content-length') ?? NaN);
  if (!(length > 0) || isEncoded(headers)) return;
  answer.hint = length;
  // Other origins may hide Content-Encoding: there the number may be of something else.
  if (type !== 'cors') answer.size = length;
}

function isEncoded(headers: Headers): boolean {
  const encoding = headers.get('content-encoding');
  return encoding !== null && encoding !== 'identity';
}

function validatorOf(headers: Headers): Validator {
  const etag = headers.get('etag');
  const lastModified = headers.get('last-modified');
  return { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) };
}

function failureOf(address: Address, response: Response): Error {
  const { status, headers } = response;
  void response.body?.cancel().catch(() => undefined);
  if (status === 429 || status === 408 || status === 425 || status >= 500) {
    return new Passing(`HTTP status ${status}`, retryAfter(headers));
  }
  const advice =
    status === 401 || status === 403
      ? ' (for files that need permission, call configure({ accessToken }))'
      : '';
  return new ExecutorchError(
    ErrorCode.ResourceFetcherDownloadFailed,
    `Cannot download ${shownAddress(address.url)}: HTTP status ${status}${advice}.`,
  );
}

/** Seconds or a date, as milliseconds from now. */
function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

function isSameOrigin(url: string): boolean {
  const { location } = globalThis as { location?: Location };
  return location?.origin !== undefined && new URL(url).origin === location.origin;
}
