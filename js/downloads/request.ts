/** One request for a file or a part of it, and what its answer says. */
import { ErrorCode, ExecutorchError, abortError, isExecutorchError } from '../base/errors.js';
import { hasNode } from '../base/platform.js';
import { shownAddress, type Address } from './address.js';
import { send } from './send.js';
import type { Validator } from './store/types.js';
import { validatorOf } from './validator.js';

/** A failure after which the same request may succeed. */
export class Passing extends Error {
  /** 'silent': no answer that we may see; 'busy': the server says that it cannot answer now. */
  readonly kind: 'silent' | 'busy' | 'broken';
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    {
      kind = 'broken',
      retryAfter,
      cause,
    }: { kind?: Passing['kind']; retryAfter?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.kind = kind;
    this.retryAfter = retryAfter;
  }
}

/** The server does not give this part; it may give the whole file. */
export class PartRefused extends Error {}

/** The server has another file under the address than the one that was begun. */
export class Changed extends Error {}

export interface Answer {
  response: Response;
  /** True when the body is a part of the file. */
  isPart: boolean;
  /** File offset of the first byte of the body. */
  start: number;
  /** File offset behind the last byte of the body, when the answer tells it. */
  end: number | undefined;
  /** Bytes of the whole file, when the answer is certain about it. */
  size: number | undefined;
  /** Bytes of the whole file, or of its compressed form: good for progress. */
  hint: number | undefined;
  validator: Validator;
  contentType: string;
  /** True when the server says that there is nothing behind the requested offset. */
  isEnd: boolean;
}

interface RequestOptions {
  signal: AbortSignal;
  /** First byte that is wanted; 0 without `to` requests the whole file. */
  from: number;
  /** Byte after the last that is wanted. */
  to?: number;
  validator?: Validator | undefined;
}

/**
 * @throws Passing, PartRefused, Changed, ExecutorchError ResourceFetcherDownloadFailed for what repeating will not
 * mend, Aborted.
 */
export async function requestFrom(
  address: Address,
  { signal, from, to, validator }: RequestOptions,
): Promise<Answer> {
  // A compressed body that was cut short looks whole; models hardly get smaller. Pages may not say so.
  const headers: Record<string, string> = hasNode() ? { 'Accept-Encoding': 'identity' } : {};
  const isForPart = from > 0 || to !== undefined;
  if (isForPart) {
    headers.Range = `bytes=${from}-${to === undefined ? '' : to - 1}`;
    // Other origins would be asked for permission first (a preflight), which some CDNs get wrong.
    const { etag } = validator ?? {};
    if (etag && !etag.startsWith('W/') && isSameOrigin(address.url)) headers['If-Range'] = etag;
  }
  let response: Response;
  try {
    response = await send(address, { headers, signal });
  } catch (cause) {
    if (signal.aborted) throw abortError(signal);
    if (isExecutorchError(cause)) throw cause;
    const orHidden = hasNode() ? '' : ', or does not let this page read it (CORS)';
    throw new Passing(`the server cannot be reached${orHidden}`, {
      kind: 'silent',
      cause,
    });
  }
  try {
    return answerOf(address, response, from, isForPart);
  } catch (error) {
    void response.body?.cancel().catch(() => undefined);
    throw error;
  }
}

function answerOf(address: Address, response: Response, from: number, isForPart: boolean): Answer {
  const { status, headers } = response;
  const answer: Answer = {
    response,
    isPart: false,
    start: 0,
    end: undefined,
    size: undefined,
    hint: undefined,
    validator: validatorOf(headers),
    contentType: headers.get('content-type') ?? '',
    isEnd: false,
  };
  if (status === 206) return takePart(answer, from, isForPart);
  if (status === 416 && isForPart) return takeEnd(answer, from);
  if (status === 200) return takeWhole(answer);
  throw failureOf(address, response, isForPart);
}

function takePart(answer: Answer, from: number, isForPart: boolean): Answer {
  const { headers } = answer.response;
  if (isEncoded(headers)) throw new PartRefused('parts are compressed');
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  const start = range ? Number(range[1]) : from;
  if (range && !isForPart && Number(range[2]) + 1 < Number(range[3])) {
    throw new Passing(`the server sends a part (${range[0]}), which was not asked for`);
  }
  if (start !== from) throw new Passing(`the answer begins at byte ${start}, not ${from}`);
  const length = lengthOf(headers);
  if (range) answer.end = Number(range[2]) + 1;
  else if (length !== undefined) answer.end = from + length;
  if (range && range[3] !== '*') answer.size = Number(range[3]);
  return { ...answer, isPart: true, start };
}

function takeEnd(answer: Answer, from: number): Answer {
  const total = /\/(\d+)$/.exec(answer.response.headers.get('content-range') ?? '')?.[1];
  if (total !== undefined && Number(total) !== from) throw new Changed('the file is shorter now');
  const size = total === undefined ? undefined : from;
  return { ...answer, isPart: true, start: from, isEnd: true, size };
}

/** Content-Length counts the bytes of the file only where nothing was compressed on the way. */
function takeWhole(answer: Answer): Answer {
  const { headers, type } = answer.response;
  const length = lengthOf(headers);
  if (length === undefined || isEncoded(headers)) return answer;
  // Other origins may hide Content-Encoding: there the number may be of something else.
  return type === 'cors' ? { ...answer, hint: length } : { ...answer, hint: length, size: length };
}

function lengthOf(headers: Headers): number | undefined {
  const length = Number(headers.get('content-length') ?? NaN);
  return Number.isSafeInteger(length) && length > 0 ? length : undefined;
}

function isEncoded(headers: Headers): boolean {
  const encoding = headers.get('content-encoding');
  return encoding !== null && encoding !== 'identity';
}

/** Too many requests, timeouts: the same request may succeed later. */
const LATER = [408, 425, 429];
/** Not implemented, in this version of HTTP: it will not. */
const NEVER = [501, 505];

function failureOf(address: Address, { status, headers }: Response, isForPart: boolean): Error {
  if (status >= 500 ? !NEVER.includes(status) : LATER.includes(status)) {
    return new Passing(`HTTP status ${status}`, { kind: 'busy', retryAfter: retryAfter(headers) });
  }
  if (isForPart) return new PartRefused(`HTTP status ${status}`);
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
