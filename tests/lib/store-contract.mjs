// What every store does, as checks without a test framework: they run in Node and in pages.
// A check gets the store, empty, and a way of opening the same data once more.

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

const same = (a, b) =>
  a !== undefined &&
  b !== undefined &&
  a.length === b.length &&
  a.every((byte, i) => byte === b[i]);

const chunk = (seed, length) => Uint8Array.from({ length }, (_, i) => (i * 7 + seed * 31) & 255);

const KEY = 'https://example.org/models/a.pte?x=1';

function record(key = KEY, id = 'id-1') {
  const base = { format: 1, key, id, state: 'partial', stored: 0, chunkSize: 1000, digests: [] };
  return { ...base, created: 1, lastUsed: 1 };
}

const digestOf = (number) => number.toString(16).padStart(64, '0');

function longer(before, bytes, digest = digestOf(before.digests.length)) {
  return { ...before, stored: before.stored + bytes.length, digests: [...before.digests, digest] };
}

/** Stores chunks of these lengths; returns the record. */
async function fill(store, lengths, start = record()) {
  let now = start;
  for (const [i, length] of lengths.entries()) {
    const bytes = chunk(i, length);
    now = longer(now, bytes);
    await store.append(now, i, bytes);
  }
  return now;
}

const complete = (now) => ({ ...now, state: 'complete', size: now.stored, sha256: 'f'.repeat(64) });

/** What a record may not say. */
const WRONG = [
  { id: '../../outside' },
  { id: '' },
  { id: 'x'.repeat(65) },
  { state: 'whole' },
  { state: 'complete', size: 999 },
  { state: 'complete', size: 1000 },
  { stored: -1, digests: [] },
  { stored: 1.5 },
  { stored: 2 ** 60 },
  { stored: 1000, size: 999 },
  { size: 'many' },
  { chunkSize: 0 },
  { chunkSize: 2 ** 40, stored: 1000 },
  { chunkSize: '1000' },
  { digests: 'abc' },
  { digests: [7] },
  { digests: ['g'.repeat(64)] },
  { digests: [] },
  { hashState: 5 },
  { hashState: 'not hex' },
  { sha256: 'abc' },
  { integrity: 'sure' },
  { validator: 'etag' },
  { validator: { etag: 5 } },
  { created: 'yesterday' },
  { lastUsed: null },
];

async function conflicts(work) {
  try {
    await work();
  } catch (error) {
    expect(/changed by somebody else/.test(error.message), `no conflict: ${error}`);
    return;
  }
  throw new Error('nobody complained');
}

export const storeContract = {
  async 'is empty at first'(store) {
    expect((await store.get(KEY)) === undefined, 'a record');
    expect((await store.list()).length === 0, 'a list');
    expect((await store.read(record(), 0)) === undefined, 'a chunk');
  },

  async 'stores chunks and tells of them'(store, reopen) {
    const now = await fill(store, [1000, 1000, 500]);
    const again = await reopen();
    const found = await again.get(KEY);
    expect(JSON.stringify(found) === JSON.stringify(now), `the record ${JSON.stringify(found)}`);
    for (const [i, length] of [1000, 1000, 500].entries()) {
      expect(same(await again.read(found, i), chunk(i, length)), `chunk ${i}`);
    }
    expect(!(await again.read(found, 3))?.length, 'a chunk too many');
  },

  async 'reads into memory that it is given'(store) {
    const lengths = [1000, 1000, 500];
    const now = await fill(store, lengths);
    let memory = new ArrayBuffer(1000);
    for (const [i, length] of lengths.entries()) {
      const bytes = await store.read(now, i, memory);
      expect(same(bytes, chunk(i, length)), `chunk ${i}`);
      memory = bytes.buffer;
    }
    for (const useless of [new ArrayBuffer(0), new ArrayBuffer(499)]) {
      expect(same(await store.read(now, 2, useless), chunk(2, 500)), 'without enough memory');
    }
    expect(!(await store.read(now, 3, new ArrayBuffer(1000)))?.length, 'a chunk too many');
  },

  async 'keeps views of larger buffers exactly'(store) {
    const large = chunk(3, 5000);
    const now = longer(record(), large.subarray(100, 1100));
    await store.append(now, 0, large.subarray(100, 1100));
    large.fill(0);
    expect(same(await store.read(now, 0), chunk(3, 5000).slice(100, 1100)), 'the chunk');
  },

  async completes(store, reopen) {
    const now = complete(await fill(store, [1000, 10]));
    await store.commit(now);
    await store.commit(now);
    const found = await (await reopen()).get(KEY);
    expect(found.state === 'complete' && found.size === 1010, JSON.stringify(found));
  },

  async 'refuses chunks that do not follow'(store) {
    const now = await fill(store, [1000]);
    const second = longer(now, chunk(1, 1000));
    const third = longer(second, chunk(2, 1000));
    await conflicts(() => store.append(third, 2, chunk(2, 1000)));
    await conflicts(() => store.append({ ...second, id: 'id-2' }, 1, chunk(1, 1000)));
    expect((await store.get(KEY)).stored === 1000, 'the record changed');
    await store.append(second, 1, chunk(1, 1000));
    // A write whose answer was lost is repeated.
    await store.append(second, 1, chunk(1, 1000));
    await store.append(third, 2, chunk(2, 1000));
    await conflicts(() => store.append(second, 1, chunk(1, 1000)));
  },

  async 'refuses to complete what it does not have'(store) {
    const now = await fill(store, [1000]);
    await conflicts(() => store.commit(complete({ ...now, id: 'id-2' })));
    await conflicts(() => store.commit(complete({ ...now, stored: 999 })));
    await store.remove(KEY);
    await conflicts(() => store.commit(complete(now)));
    expect((await store.get(KEY)) === undefined, 'a record');
  },

  async 'replaces a download by another one'(store) {
    const first = await fill(store, [1000, 1000]);
    const bytes = chunk(9, 800);
    const second = longer(record(KEY, 'id-2'), bytes);
    await store.append(second, 0, bytes);
    expect((await store.get(KEY)).id === 'id-2', 'the old record');
    expect(same(await store.read(second, 0), bytes), 'the new chunk');
    expect(!(await store.read(first, 1))?.length, 'a chunk of the old download');
  },

  async 'keeps files apart'(store) {
    const other = 'https://example.org/models/b.pte?x=1';
    await fill(store, [1000]);
    await fill(store, [500], record(other, 'id-b'));
    const keys = (await store.list()).map(({ key }) => key).sort();
    expect(keys.join() === `${KEY},${other}`, keys.join());
    await store.remove(KEY);
    expect((await store.get(KEY)) === undefined, 'a removed record');
    expect((await store.get(other)).stored === 500, 'the other record');
    await store.remove(KEY);
  },

  async 'mends chunks, but not of what is gone'(store) {
    const now = await fill(store, [1000, 1000]);
    await store.repair(now, 1, chunk(7, 1000));
    expect(same(await store.read(now, 1), chunk(7, 1000)), 'the mended chunk');
    expect(same(await store.read(now, 0), chunk(0, 1000)), 'its neighbour');
    await store.remove(KEY);
    await store.repair(now, 1, chunk(7, 1000));
    expect(!(await store.read(now, 1))?.length, 'a chunk of nothing');
  },

  async 'notes use'(store) {
    await fill(store, [1000]);
    await store.note(KEY, { lastUsed: 77 });
    await store.note(KEY, { checked: 79 });
    await store.note('https://example.org/none', { lastUsed: 78 });
    const { lastUsed, checked } = await store.get(KEY);
    expect(lastUsed === 77 && checked === 79, `lastUsed ${lastUsed}, checked ${checked}`);
    expect((await store.list()).length === 1, 'a record of nothing');
  },

  async 'takes records of other formats for absent'(store) {
    await store.append({ ...longer(record(), chunk(0, 1000)), format: 2 }, 0, chunk(0, 1000));
    expect((await store.get(KEY)) === undefined, 'the record');
    expect((await store.list()).length === 0, 'the list');
    await fill(store, [1000]);
    expect((await store.get(KEY)).stored === 1000, 'the new record');
  },

  async 'promotes a newer version when it is complete'(store, reopen) {
    const old = complete(await fill(store, [1000, 1000]));
    await store.commit(old);
    const next = `${KEY}#next`;
    const bytes = chunk(9, 700);
    const part = longer(record(next, 'id-2'), bytes);
    await store.append(part, 0, bytes);
    await store.promote(next, KEY);
    expect((await store.get(KEY)).id === 'id-1', 'a part was promoted');
    await store.commit(complete(part));
    await store.promote(next, KEY);
    await store.promote(next, KEY);
    const again = await reopen();
    const found = await again.get(KEY);
    expect(found.id === 'id-2' && found.key === KEY && found.state === 'complete', found.id);
    expect(same(await again.read(found, 0), bytes), 'the new bytes');
    expect(!(await again.read(old, 1))?.length, 'a chunk of the old version');
    expect((await again.get(next)) === undefined, 'the record of the new version');
    expect((await again.list()).length === 1, 'the list');
  },

  async 'sweeps nothing that a record tells of'(store) {
    const now = await fill(store, [1000, 500]);
    await store.sweep();
    expect((await store.get(KEY)).stored === 1500, 'the record');
    expect(same(await store.read(now, 1), chunk(1, 500)), 'the chunk');
  },

  async 'takes wrong records for absent, and replaces them'(store) {
    for (const [i, change] of WRONG.entries()) {
      const key = `https://example.org/wrong-${i}.pte`;
      const bad = { ...longer(record(key), chunk(0, 1000)), ...change };
      // Ids name files: where such a record cannot even be written, nothing is wrong.
      await store.append(bad, 0, chunk(0, 1000)).catch(() => undefined);
      const told = JSON.stringify(change);
      expect((await store.get(key)) === undefined, `taken: ${told}`);
      await fill(store, [1000, 10], record(key, `id-${i}`));
      expect((await store.get(key))?.stored === 1010, `not replaced: ${told}`);
      await store.sweep();
      await store.remove(key);
    }
    expect((await store.list()).length === 0, 'a list');
  },

  async 'leases to one at a time'(store, reopen) {
    const later = Date.now() + 60_000;
    const other = await reopen();
    expect(await store.claim('x', 'a', later), 'the first claim');
    expect(!(await other.claim('x', 'b', later)), 'a second claim');
    expect(await store.claim('x', 'a', later), 'a renewal');
    expect(await other.claim('y', 'b', later), 'another name');
    await other.release('x', 'b');
    expect(!(await other.claim('x', 'b', later)), 'a claim after release by a stranger');
    await store.release('x', 'a');
    expect(await other.claim('x', 'b', Date.now() - 1), 'a claim after release');
    expect(await store.claim('x', 'a', later), 'a claim after expiry');
    await store.release('x', 'a');
    await other.release('y', 'b');
  },
};
