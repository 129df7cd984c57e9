/**
 * The states of one use of one downloadable file, as a pure function: state × event → state and effects. Nothing here
 * waits, reads or requests: file.ts carries the effects out, and what comes of them returns as events.
 * ARCHITECTURE.md (Downloads) has the picture of the states.
 */
import {
  ErrorCode,
  ExecutorchError,
  fromWireError,
  isExecutorchError,
  toExecutorchError,
} from '../base/errors.js';
import type { News } from './channel.js';
import type { Pin } from '../base/resource-config.js';
import { Changed } from './request.js';
import type { Integrity } from '../sources/source.js';
import { StoreConflict, type ModelRecord } from './store/types.js';

/** What does not change while a file is used. */
export interface FileUse {
  /** Address for messages. */
  readonly url: string;
  readonly pin: Pin;
  /** True when the file is to be stored and nobody reads it. */
  readonly storeOnly: boolean;
}

/** What is known in every state. */
interface Known {
  /** False where nothing can be kept, or the store cannot be read. */
  readonly hasStore: boolean;
  /** What the store has of the file; undefined when there is nothing that can be used. */
  readonly record: ModelRecord | undefined;
  /** Downloads begun so far; events of earlier ones are late and mean nothing. */
  readonly turn: number;
  /** Id of a stored download that is not to be used: it is of another file, or the reader refused it. */
  readonly discarded: string | undefined;
  /** Why the reader refused the bytes, once it has. */
  readonly refusal: ExecutorchError | undefined;
}

/** The store is asked what it has; with the lock, so that nobody writes at the same time. */
interface Looking extends Known {
  readonly at: 'looking';
  readonly holdsLock: boolean;
}

/** Waiting for the lock, and reading what another thread stores meanwhile. */
interface Following extends Known {
  readonly at: 'following';
}

/** This thread downloads. */
interface Downloading extends Known {
  readonly at: 'downloading';
  /** True when it began behind what was stored before. */
  readonly isResumed: boolean;
}

/** The file is whole: in the store (`record`), or, where nothing can be kept, it has gone by. */
interface Stored extends Known {
  readonly at: 'stored';
  readonly size: number;
  readonly integrity: Integrity;
  /** True when this use took every byte from the network: asking for it again would bring the same. */
  readonly isFresh: boolean;
}

interface Failed extends Known {
  readonly at: 'failed';
  readonly error: ExecutorchError;
}

export type FileState = Looking | Following | Downloading | Stored | Failed;

export type FileEvent =
  /** The store's answer to `look`. */
  | { type: 'found'; record: ModelRecord | undefined }
  /** The store cannot be read. */
  | { type: 'unreadable' }
  /** The write lock is ours. */
  | { type: 'granted' }
  /** Nobody will ever grant it. */
  | { type: 'denied'; error: unknown }
  /** Another thread tells of its download. */
  | { type: 'news'; news: News }
  /** Time to look, in case news do not reach us. */
  | { type: 'tick' }
  /** Our download has come further; `record` is what it has stored by now. */
  | {
      type: 'advanced';
      turn: number;
      record: ModelRecord;
      arrived: number;
      size?: number | undefined;
    }
  /** Our download continues without storing: there is no space. */
  | { type: 'unkept'; turn: number; problem: unknown }
  /** Our download is whole and verified. */
  | { type: 'done'; turn: number; record: ModelRecord; size: number; integrity: Integrity }
  /** Our download has ended early. */
  | { type: 'broken'; turn: number; error: unknown }
  /** The reader cannot use the bytes; `isProven`: of a verified file all of them were found to be the right ones. */
  | { type: 'refused'; error: ExecutorchError; isProven?: boolean }
  | { type: 'aborted'; error: ExecutorchError };

export type FileEffect =
  /** Ask the store what it has: `found` or `unreadable`. */
  | { do: 'look' }
  /** Ask for the write lock: `granted` or `denied`. */
  | { do: 'queue' }
  /** Give the lock back, or leave the queue; `afterNews`: not before the others have heard. */
  | { do: 'release'; afterNews?: boolean }
  /** Listen to news and tick, or stop that. */
  | { do: 'watch' }
  | { do: 'unwatch' }
  /** Begin a download behind `record`: `advanced`, `unkept`, then `done` or `broken`. */
  | { do: 'download'; turn: number; record: ModelRecord | undefined }
  /** End the running download. */
  | { do: 'stop' }
  /** Note that the file was used. */
  | { do: 'touch' }
  /** Forget what is stored. */
  | { do: 'remove' }
  /** Show the caller how far the file has arrived. */
  | { do: 'progress'; arrived: number; size: number | undefined }
  /** Tell the other threads of our download. */
  | { do: 'tell'; arrived: number; size: number | undefined; end?: 'complete' | ExecutorchError };

export interface Step {
  readonly state: FileState;
  readonly effects: readonly FileEffect[];
}

/** Downloads of one use, after which a file that never holds still is given up. */
export const MOST_TURNS = 5;

/** How a use begins. */
export function begin(hasStore: boolean): Step {
  const known = { record: undefined, turn: 0, discarded: undefined, refusal: undefined };
  const state: Looking = { at: 'looking', holdsLock: false, hasStore, ...known };
  return hasStore ? step(state, { do: 'look' }) : download(state, undefined);
}

export function next(state: FileState, event: FileEvent, use: FileUse): Step {
  if (state.at === 'failed' || isLate(state, event)) return step(state);
  if (event.type === 'aborted')
    return state.at === 'stored' ? step(state) : fail(state, event.error);
  switch (state.at) {
    case 'looking':
      return whileLooking(state, event, use);
    case 'following':
      return whileFollowing(state, event, use);
    case 'downloading':
      return whileDownloading(state, event, use);
    case 'stored':
      return whileStored(state, event);
  }
}

function whileLooking(state: Looking, event: FileEvent, use: FileUse): Step {
  switch (event.type) {
    case 'found': {
      const record = usable(event.record, state, use);
      if (record?.state === 'complete') return whole({ ...state, record }, record, use);
      if (state.holdsLock) return download(state, record);
      return step({ ...known(state), at: 'following', record }, { do: 'watch' }, { do: 'queue' });
    }
    case 'unreadable':
      return download({ ...state, hasStore: false }, undefined);
    case 'refused':
      if (state.refusal) return fail(state, event.error);
      return step({ ...state, ...discard(state), refusal: event.error });
    default:
      return step(state);
  }
}

function whileFollowing(state: Following, event: FileEvent, use: FileUse): Step {
  switch (event.type) {
    case 'granted':
      return step({ ...state, at: 'looking', holdsLock: true }, { do: 'look' });
    case 'denied':
      return fail(state, toExecutorchError(event.error, ErrorCode.ResourceFetcherDownloadFailed));
    case 'found':
      return seen(state, event.record, use);
    case 'tick':
      return step(state, { do: 'look' });
    case 'news':
      return heard(state, event.news);
    case 'refused':
      // What others download is not waited for a second time.
      return state.refusal ? fail(state, event.error) : again(state, event.error);
    default:
      return step(state);
  }
}

function whileDownloading(state: Downloading, event: FileEvent, use: FileUse): Step {
  switch (event.type) {
    case 'advanced': {
      const { arrived, size } = event;
      const record = event.record.stored > 0 ? event.record : state.record;
      return step(
        { ...state, record },
        { do: 'progress', arrived, size },
        { do: 'tell', arrived, size },
      );
    }
    case 'unkept':
      return use.storeOnly
        ? fail(state, noRoom(use, event.problem))
        : step({ ...state, hasStore: false }, { do: 'release' });
    case 'done':
      return done(state, event);
    case 'broken':
      return broken(state, event.error, use);
    case 'refused': {
      if (state.isResumed && !state.refusal) return again(state, event.error);
      return withEffects(fail(state, event.error), { do: 'remove' });
    }
    default:
      return step(state);
  }
}

function whileStored(state: Stored, event: FileEvent): Step {
  if (event.type !== 'refused') return step(state);
  const isDamaged = isExecutorchError(event.error, ErrorCode.IntegrityCheckFailed);
  const isVerified = state.integrity !== 'first-use' && event.isProven !== false;
  if (isVerified && !isDamaged) return fail(state, event.error);
  if (!state.isFresh && !state.refusal) return again(state, event.error);
  return withEffects(fail(state, event.error), { do: 'remove' });
}

/** News of the store while another thread has the lock. */
function seen(state: Following, found: ModelRecord | undefined, use: FileUse): Step {
  const { discarded, refusal } = state;
  // The refused download has ended: when a stated digest confirms it, asking again is no use.
  const isVerified =
    found?.state === 'complete' && (use.pin.sha256 ?? found.integrity) !== 'first-use';
  if (refusal && found?.id === discarded && isVerified) return fail(state, refusal);
  const record = usable(found, state, use);
  if (record?.state === 'complete') return whole({ ...state, record }, record, use);
  return step({ ...state, record: record ?? state.record });
}

function heard(state: Following, { arrived, size, stored, end }: News): Step {
  if (end && end !== 'complete') return fail(state, fromWireError(end.error));
  const progress: FileEffect = { do: 'progress', arrived, size };
  const isMore = end === 'complete' || stored > (state.record?.stored ?? 0);
  return isMore ? step(state, progress, { do: 'look' }) : step(state, progress);
}

function whole(state: FileState, record: ModelRecord, use: FileUse): Step {
  const integrity = use.pin.sha256 ? 'pinned' : (record.integrity ?? 'first-use');
  return step(
    { ...known(state), at: 'stored', size: record.stored, integrity, isFresh: false },
    { do: 'release' },
    { do: 'unwatch' },
    { do: 'touch' },
    { do: 'progress', arrived: record.stored, size: record.stored },
  );
}

function done(state: Downloading, event: FileEvent & { type: 'done' }): Step {
  const { size, integrity } = event;
  const record = event.record.stored > 0 ? event.record : undefined;
  return step(
    { ...known(state), at: 'stored', record, size, integrity, isFresh: !state.isResumed },
    { do: 'progress', arrived: size, size },
    { do: 'tell', arrived: size, size, end: 'complete' },
    { do: 'release' },
    { do: 'unwatch' },
  );
}

function broken(state: Downloading, error: unknown, use: FileUse): Step {
  const isMixture = state.isResumed && isExecutorchError(error, ErrorCode.IntegrityCheckFailed);
  const isStale = error instanceof Changed || isMixture;
  if (state.turn < MOST_TURNS && (isStale || error instanceof StoreConflict)) {
    return requeue({ ...state, ...(isStale ? discard(state) : { record: undefined }) });
  }
  return fail(state, failureOf(error, use));
}

/** Once more from the network, without what was refused. */
function again(state: FileState, refusal: ExecutorchError): Step {
  return requeue({ ...state, ...discard(state), refusal });
}

/** Back to the queue of those who may download. */
function requeue(state: FileState): Step {
  if (!state.hasStore) {
    const { state: begun, effects } = download(state, undefined);
    return step(begun, { do: 'stop' }, ...effects);
  }
  return step(
    { ...known(state), at: 'following' },
    { do: 'stop' },
    { do: 'release' },
    { do: 'watch' },
    { do: 'queue' },
  );
}

function download(state: FileState, record: ModelRecord | undefined): Step {
  const turn = state.turn + 1;
  return step(
    { ...known(state), at: 'downloading', turn, record, isResumed: record !== undefined },
    { do: 'download', turn, record },
  );
}

function fail(state: FileState, error: ExecutorchError): Step {
  const isOurs = state.at === 'downloading' && !isExecutorchError(error, ErrorCode.Aborted);
  const tell: FileEffect = { do: 'tell', arrived: 0, size: undefined, end: error };
  return step(
    { ...known(state), at: 'failed', error },
    { do: 'stop' },
    ...(isOurs ? [tell] : []),
    { do: 'release', afterNews: isOurs },
    { do: 'unwatch' },
  );
}

function failureOf(error: unknown, { url }: FileUse): ExecutorchError {
  if (!(error instanceof Changed || error instanceof StoreConflict)) {
    return toExecutorchError(error, ErrorCode.ResourceFetcherDownloadFailed);
  }
  return new ExecutorchError(
    ErrorCode.DownloadInterrupted,
    `Cannot download ${url}: the file changes while it is downloaded (${error.message}).`,
    { cause: error },
  );
}

function noRoom({ url }: FileUse, cause: unknown): ExecutorchError {
  return new ExecutorchError(ErrorCode.DownloadInterrupted, `There is no room to store ${url}.`, {
    cause,
  });
}

/** The record, unless it is of another file than the one that is wanted. */
function usable(
  record: ModelRecord | undefined,
  { discarded }: Known,
  { pin: { sha256, size } }: FileUse,
): ModelRecord | undefined {
  if (!record || record.id === discarded) return undefined;
  if (sha256 && record.sha256 && record.sha256 !== sha256) return undefined;
  if (size !== undefined && record.size !== undefined && record.size !== size) return undefined;
  return record;
}

function discard({ record, discarded }: Known) {
  return { record: undefined, discarded: record?.id ?? discarded };
}

/** Downloads end after they have been given up, and say so when nobody cares any more. */
function isLate(state: FileState, event: FileEvent): boolean {
  return 'turn' in event && (state.at !== 'downloading' || event.turn !== state.turn);
}

function known({ hasStore, record, turn, discarded, refusal }: FileState): Known {
  return { hasStore, record, turn, discarded, refusal };
}

function step(state: FileState, ...effects: FileEffect[]): Step {
  return { state, effects };
}

function withEffects({ state, effects }: Step, ...more: FileEffect[]): Step {
  return { state, effects: [...effects, ...more] };
}
