/** The states of a file in use: every state × every event, and long random walks through a world that misbehaves. */
import { describe, expect, test } from '@jest/globals';
import { ErrorCode, ExecutorchError, abortError, toWireError } from '../../../js/base/errors.js';
import {
  MOST_TURNS,
  begin,
  next,
  type FileEffect,
  type FileEvent,
  type FileState,
  type FileUse,
} from '../../../js/downloads/file-state.js';
import { Changed } from '../../../js/downloads/request.js';
import { StoreConflict, newRecord, type ModelRecord } from '../../../js/downloads/store/types.js';

const USE: FileUse = { url: 'https://x.test/m.pte', pin: {}, storeOnly: false };
const PINNED: FileUse = { ...USE, pin: { sha256: 'a'.repeat(64) } };
const STORE_ONLY: FileUse = { ...USE, storeOnly: true };

const record = (id: string, change: Partial<ModelRecord> = {}): ModelRecord => ({
  ...newRecord('https://x.test/m.pte', 1000),
  id,
  stored: 3000,
  digests: ['1', '2', '3'],
  ...change,
});
const whole = (id: string, integrity: ModelRecord['integrity'] = 'first-use') =>
  record(id, { state: 'complete', size: 3000, integrity: integrity! });

const refusal = new ExecutorchError(ErrorCode.InvalidProgram, 'no program');
const damaged = new ExecutorchError(ErrorCode.IntegrityCheckFailed, 'other bytes');
const gone = new ExecutorchError(ErrorCode.DownloadInterrupted, 'gone');
const news = (change: object = {}) =>
  ({ type: 'news', news: { key: 'k', arrived: 9, size: 10, stored: 0, ...change } }) as FileEvent;

const KNOWN = {
  hasStore: true,
  record: undefined,
  turn: 0,
  discarded: undefined,
  refusal: undefined,
};
const STATES = {
  looking: { ...KNOWN, at: 'looking', holdsLock: false },
  'looking, lock': { ...KNOWN, at: 'looking', holdsLock: true },
  'looking, lock, b discarded': { ...KNOWN, at: 'looking', holdsLock: true, discarded: 'b' },
  following: { ...KNOWN, at: 'following' },
  'following a part': { ...KNOWN, at: 'following', record: record('a') },
  'following, a refused': { ...KNOWN, at: 'following', discarded: 'a', refusal },
  downloading: { ...KNOWN, at: 'downloading', turn: 1, isResumed: false },
  resuming: { ...KNOWN, at: 'downloading', turn: 1, isResumed: true, record: record('a') },
  'downloading, a refused': {
    ...KNOWN,
    at: 'downloading',
    turn: 2,
    isResumed: false,
    discarded: 'a',
    refusal,
  },
  'downloading without store': {
    ...KNOWN,
    at: 'downloading',
    turn: 1,
    isResumed: false,
    hasStore: false,
  },
  'last turn': { ...KNOWN, at: 'downloading', turn: MOST_TURNS, isResumed: true },
  'stored before': {
    ...KNOWN,
    at: 'stored',
    size: 3000,
    integrity: 'first-use',
    isFresh: false,
    record: whole('a'),
  },
  'stored before, verified': {
    ...KNOWN,
    at: 'stored',
    size: 3000,
    integrity: 'hub',
    isFresh: false,
    record: whole('a', 'hub'),
  },
  'stored now': {
    ...KNOWN,
    at: 'stored',
    turn: 1,
    size: 3000,
    integrity: 'first-use',
    isFresh: true,
    record: whole('a'),
  },
  'stored again': {
    ...KNOWN,
    at: 'stored',
    turn: 1,
    size: 3000,
    integrity: 'first-use',
    isFresh: false,
    record: whole('b'),
    refusal,
  },
  failed: { ...KNOWN, at: 'failed', error: refusal },
} satisfies Record<string, FileState>;

const EVENTS: Record<string, (turn: number) => FileEvent> = {
  'found nothing': () => ({ type: 'found', record: undefined }),
  'found a part': () => ({ type: 'found', record: record('b') }),
  'found the whole': () => ({ type: 'found', record: whole('b') }),
  'found a, whole': () => ({ type: 'found', record: whole('a') }),
  'found a, whole, verified': () => ({ type: 'found', record: whole('a', 'hub') }),
  'found another size': () => ({ type: 'found', record: record('b', { size: 77 }) }),
  unreadable: () => ({ type: 'unreadable' }),
  granted: () => ({ type: 'granted' }),
  denied: () => ({ type: 'denied', error: new Error('no') }),
  'news of bytes': () => news(),
  'news of chunks': () => news({ stored: 99_000 }),
  'news of the end': () => news({ end: 'complete' }),
  'news of a failure': () => news({ end: { error: toWireError(gone) } }),
  tick: () => ({ type: 'tick' }),
  advanced: (turn) => ({
    type: 'advanced',
    turn,
    record: record(`d${turn}`),
    arrived: 5,
    size: 10,
  }),
  unkept: (turn) => ({ type: 'unkept', turn, problem: new Error('no room') }),
  done: (turn) => ({
    type: 'done',
    turn,
    record: whole(`d${turn}`),
    size: 3000,
    integrity: 'first-use',
  }),
  'broken: changed': (turn) => ({ type: 'broken', turn, error: new Changed('newer') }),
  'broken: conflict': (turn) => ({ type: 'broken', turn, error: new StoreConflict('k') }),
  'broken: digest': (turn) => ({ type: 'broken', turn, error: damaged }),
  'broken: network': (turn) => ({ type: 'broken', turn, error: gone }),
  refused: () => ({ type: 'refused', error: refusal }),
  'refused: damaged': () => ({ type: 'refused', error: damaged }),
  aborted: () => ({ type: 'aborted', error: abortError() }),
};

/** 'state: effects' of a step. */
const told = ({ state, effects }: { state: FileState; effects: readonly FileEffect[] }) =>
  `${state.at}: ${effects.map((one) => one.do).join(' ')}`.trim();
const after = (name: keyof typeof STATES, event: string, use = USE) => {
  const state: FileState = STATES[name];
  return next(state, EVENTS[event]!(state.turn), use);
};

const END = 'stop release unwatch';
const AGAIN = 'stop release watch queue';
const WHOLE = 'release unwatch touch progress';

const FAILED = 'failed: stop tell release unwatch';
const GIVEN_UP = `failed: ${END}`;
const FROM_START = `following: ${AGAIN}`;

/** Rows that several states share. */
const FOUND_WHOLE = {
  'found the whole': `stored: ${WHOLE}`,
  'found a, whole': `stored: ${WHOLE}`,
  'found a, whole, verified': `stored: ${WHOLE}`,
};
const LOOKING = {
  ...FOUND_WHOLE,
  'found nothing': 'following: watch queue',
  'found a part': 'following: watch queue',
  'found another size': 'following: watch queue',
  unreadable: 'downloading: download',
  aborted: GIVEN_UP,
};
const LOOKING_WITH_LOCK = {
  ...LOOKING,
  'found nothing': 'downloading: download',
  'found a part': 'downloading: download',
  'found another size': 'downloading: download',
};
const NEWS = {
  granted: 'looking: look',
  denied: GIVEN_UP,
  'news of bytes': 'following: progress',
  'news of chunks': 'following: progress look',
  'news of the end': 'following: progress look',
  'news of a failure': GIVEN_UP,
  tick: 'following: look',
  aborted: GIVEN_UP,
};
const FOLLOWING = {
  ...FOUND_WHOLE,
  ...NEWS,
  refused: FROM_START,
  'refused: damaged': FROM_START,
};
const DOWNLOADING = {
  advanced: 'downloading: progress tell',
  unkept: 'downloading: release',
  done: 'stored: progress tell release unwatch',
  'broken: changed': FROM_START,
  'broken: conflict': FROM_START,
  'broken: digest': FAILED,
  'broken: network': FAILED,
  refused: `${FAILED} remove`,
  'refused: damaged': `${FAILED} remove`,
  aborted: GIVEN_UP,
};
const REFUSED_FOR_GOOD = {
  refused: `${GIVEN_UP} remove`,
  'refused: damaged': `${GIVEN_UP} remove`,
};

/** What changes; every other pair of a state and an event leaves the state as it is, without effects. */
const TABLE: Record<keyof typeof STATES, Record<string, string>> = {
  looking: LOOKING,
  'looking, lock': LOOKING_WITH_LOCK,
  'looking, lock, b discarded': {
    ...LOOKING_WITH_LOCK,
    'found the whole': 'downloading: download',
  },
  following: FOLLOWING,
  'following a part': FOLLOWING,
  'following, a refused': {
    ...NEWS,
    'found the whole': `stored: ${WHOLE}`,
    // A stated digest confirms the bytes that were refused: they are what they should be.
    'found a, whole, verified': GIVEN_UP,
    refused: GIVEN_UP,
    'refused: damaged': GIVEN_UP,
  },
  downloading: DOWNLOADING,
  resuming: {
    ...DOWNLOADING,
    // Two files may have been mixed: again from the beginning.
    'broken: digest': FROM_START,
    refused: FROM_START,
    'refused: damaged': FROM_START,
  },
  'downloading, a refused': DOWNLOADING,
  'downloading without store': {
    ...DOWNLOADING,
    'broken: changed': 'downloading: stop download',
    'broken: conflict': 'downloading: stop download',
  },
  'last turn': {
    ...DOWNLOADING,
    'broken: changed': FAILED,
    'broken: conflict': FAILED,
    refused: FROM_START,
    'refused: damaged': FROM_START,
  },
  'stored before': { refused: FROM_START, 'refused: damaged': FROM_START },
  'stored before, verified': { refused: GIVEN_UP, 'refused: damaged': FROM_START },
  'stored now': REFUSED_FOR_GOOD,
  'stored again': REFUSED_FOR_GOOD,
  failed: {},
};

/** Events that change what is known, though neither the name of the state nor anything outside. */
const SILENT: Record<string, (before: FileState) => boolean> = {
  'found a part': ({ at }) => at === 'following',
  'found another size': ({ at }) => at === 'following',
  refused: ({ at }) => at === 'looking',
  'refused: damaged': ({ at }) => at === 'looking',
};

describe.each(Object.keys(STATES) as (keyof typeof STATES)[])('%s', (name) => {
  test.each(Object.keys(EVENTS))('%s', (event) => {
    const before: FileState = STATES[name];
    const step = after(name, event);
    expect(told(step)).toBe(TABLE[name][event] ?? `${before.at}:`);
    if (TABLE[name][event] === undefined && !SILENT[event]?.(before)) {
      expect(step.state).toEqual(before);
    }
    const { turn } = before;
    if ('turn' in EVENTS[event]!(turn)) {
      expect(next(before, EVENTS[event]!(turn - 1), USE)).toEqual({ state: before, effects: [] });
    }
  });
});

describe('details', () => {
  test('begins with a look, or at once with a download where there is no store', () => {
    expect(told(begin(true))).toBe('looking: look');
    expect(told(begin(false))).toBe('downloading: download');
  });

  test('a stored file that the pin contradicts is not used', () => {
    const old = { type: 'found', record: { ...whole('b'), sha256: 'f'.repeat(64) } } as const;
    expect(told(next(STATES['looking, lock'], old, PINNED))).toBe('downloading: download');
    const sized = { ...USE, pin: { size: 7 } };
    expect(next(STATES.following, old, sized).state.record).toBeUndefined();
  });

  test('a pin vouches for what is stored', () => {
    const found = { type: 'found', record: { ...whole('b'), sha256: 'a'.repeat(64) } } as const;
    expect(next(STATES.looking, found, PINNED).state).toMatchObject({ integrity: 'pinned' });
  });

  test('without room a file that is only to be stored fails, and says why', () => {
    const { state } = after('downloading', 'unkept', STORE_ONLY);
    expect(state).toMatchObject({
      at: 'failed',
      error: { message: expect.stringMatching(/no room/) },
    });
  });

  test('a part that was refused is neither read nor resumed again', () => {
    const { state } = after('resuming', 'refused');
    expect(state).toMatchObject({ record: undefined, discarded: 'a', refusal });
    const looking = next(state, { type: 'granted' }, USE).state;
    const step = next(looking, { type: 'found', record: record('a') }, USE);
    expect(step.effects).toEqual([{ do: 'download', turn: 2, record: undefined }]);
  });

  test('a stored file that was refused is replaced by the next download, not removed before', () => {
    expect(told(after('stored before', 'refused'))).not.toMatch(/remove/);
  });

  test('others hear of our failure before they are given the lock', () => {
    const { effects } = after('downloading', 'broken: network');
    expect(effects).toContainEqual({ do: 'release', afterNews: true });
  });
});

/** An assertion that is cheap enough for a million times. */
function must(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

/** Repeatable randomness. */
function random(seed: number) {
  let state = seed * 2654435761 + 1;
  return (below: number) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state >>> 8) & 0xffff) % below;
  };
}

/** Everything that the effects stand for, as far as it can be wrong. */
class World {
  lock: 'none' | 'asked' | 'held' = 'none';
  downloads = new Set<number>();
  begun = 0;
  looks = 0;
  watching = false;

  get isQuiet(): boolean {
    return this.lock === 'none' && !this.watching && this.downloads.size === 0;
  }

  apply(effect: FileEffect, state: FileState): void {
    switch (effect.do) {
      case 'look':
        this.looks++;
        break;
      case 'queue':
        must(this.lock === 'none', 'asked for the lock twice');
        this.lock = 'asked';
        break;
      case 'release':
        this.lock = 'none';
        break;
      case 'download':
        must(this.downloads.size === 0, 'two downloads');
        // Nobody writes into the store without the lock.
        must(this.lock === 'held' || !state.hasStore, 'a download without the lock');
        this.downloads.add(effect.turn);
        this.begun++;
        break;
      case 'stop':
        this.downloads.clear();
        break;
      case 'watch':
        this.watching = true;
        break;
      case 'unwatch':
        this.watching = false;
        break;
      default:
    }
  }

  /** Events that this world can bring forth now. */
  possible(state: FileState): string[] {
    const isRead = state.at === 'stored' || this.begun > 1;
    const always = isRead ? ['refused', 'refused: damaged', 'rest'] : ['rest'];
    const found = Object.keys(EVENTS).filter((name) => name.startsWith('found'));
    const ofDownload = ['advanced', 'advanced', 'unkept', 'done'].concat(
      Object.keys(EVENTS).filter((name) => name.startsWith('broken')),
    );
    const heard = ['tick', 'news of bytes', 'news of chunks', 'news of the end'];
    return [
      ...always,
      ...(this.looks > 0 ? [...found, ...found] : []),
      ...(this.looks > 0 && state.at === 'looking' ? ['unreadable'] : []),
      ...(this.lock === 'asked' ? ['granted', 'granted', 'granted', 'denied'] : []),
      ...(this.watching ? heard : []),
      ...(this.downloads.size > 0 ? ofDownload : []),
    ];
  }

  happened(name: string, state: FileState): void {
    if (name.startsWith('found') || name === 'unreadable') this.looks--;
    if (name === 'granted') this.lock = 'held';
    if (name === 'denied') this.lock = 'none';
    if (/^(done|broken)/.test(name)) this.downloads.delete(state.turn);
  }
}

test('20,000 random walks: one download at a time, under the lock, with an end', () => {
  const ends: Record<string, number> = {};
  let events = 0;
  for (let seed = 1; seed <= 20_000; seed++) {
    const pick = random(seed);
    const use = [USE, PINNED, STORE_ONLY][pick(3)]!;
    const world = new World();
    let step = begin(pick(8) > 0);
    step.effects.forEach((effect) => world.apply(effect, step.state));
    for (let i = 0; i < 400 && step.state.at !== 'failed'; i++) {
      const names = world.possible(step.state);
      const name = pick(60) === 0 ? 'aborted' : names[pick(names.length)]!;
      // The reader may be content at any time.
      if (name === 'rest') {
        if (step.state.at === 'stored') break;
        continue;
      }
      const before = step.state;
      world.happened(name, before);
      step = next(before, EVENTS[name]!(before.turn), use);
      step.effects.forEach((effect) => world.apply(effect, step.state));
      events++;
      const { state } = step;
      const { at, turn, discarded, record } = state;
      must(turn <= before.turn + 1, 'a turn too many');
      must(discarded === undefined || record?.id !== discarded, 'a discarded record is used');
      const isOver = at === 'stored' || at === 'failed';
      if (isOver) must(world.isQuiet, 'something goes on after the end');
      if (at === 'following') must(world.lock === 'asked' && world.watching, 'not waiting');
      if (at === 'downloading') must(world.downloads.size === 1, 'no download');
      if (at === 'looking') must(world.looks > 0, 'no look');
    }
    ends[step.state.at] = (ends[step.state.at] ?? 0) + 1;
    // Five for files that change, two more for what the reader refuses.
    must(world.begun <= MOST_TURNS + 2, `${world.begun} downloads`);
  }
  console.log(`${events} events; the walks ended ${JSON.stringify(ends)}`);
  expect(ends.failed).toBeGreaterThan(2000);
  expect(ends.stored).toBeGreaterThan(2000);
});
