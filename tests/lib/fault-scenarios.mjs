// What can go wrong with a server, a connection or a store, as data: the fault matrix runs it against every store.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './shared.mjs';

const model = (name) => readFileSync(join(ROOT, 'models/builtin', name));

/** The file that is right, and another model that may take its place. */
export const GOOD = model('segmenter_fp32.pte');
export const OTHER = model('embedder_fp32.pte');

export const CHUNK = 16 << 10;
const SIZE = GOOD.length;
const MIDDLE = 7 * CHUNK + 123;

/** Bytes that begin as a model and go on as noise. */
function damaged(from) {
  const bytes = Buffer.from(GOOD);
  for (let i = from; i < bytes.length; i++) bytes[i] = (i * 2654435761) >>> 24;
  return bytes;
}

const forEver = (fault) => Array.from({ length: 40 }, () => fault);
const once = (fault) => [fault];
const text = (body, type = 'text/plain') => ({ what: Buffer.from(body), how: { type } });
const dated = { etag: null, lastModified: 'Tue, 01 Jan 2030 00:00:00 GMT' };

/**
 * name → {how, what, pin, tamper, then, fresh}: how the server serves what during the first load; what is done to the
 * store after it (see fault-stores.mjs); how the good server serves the second (default: well); `fresh` when the second load
 * must ask the server, as the first one may have got another whole file.
 */
export const SCENARIOS = {
  'all is well': {},

  // Connections.
  'cut before the first byte': { how: { faults: once({ cut: 0 }) } },
  'cut after 1 byte': { how: { faults: once({ cut: 1 }) } },
  'cut within the head': { how: { faults: once({ cut: 100 }) } },
  'cut 1 byte before a chunk is full': { how: { faults: once({ cut: CHUNK - 1 }) } },
  'cut at the end of a chunk': { how: { faults: once({ cut: CHUNK }) } },
  'cut in the middle': { how: { faults: once({ cut: MIDDLE }) } },
  'cut 1 byte before the end': { how: { faults: once({ cut: SIZE - 1 }) } },
  'cut every 30 kB': { how: { faults: forEver({ cut: 30_000 }) } },
  'silent before the first byte': { how: { faults: once({ stall: 0 }) } },
  'silent in the middle': { how: { faults: once({ stall: MIDDLE }) } },
  'cut in the middle, then nothing but 503': {
    how: { faults: [{ cut: MIDDLE }, ...forEver({ status: 503 })] },
  },
  'cut in the middle, then nothing but silence': {
    how: { faults: [{ cut: MIDDLE }, ...forEver({ stall: 0 })] },
  },
  'cut in the middle, then nothing but cuts': {
    how: { faults: [{ cut: MIDDLE }, ...forEver({ cut: 0 })] },
  },

  // Statuses.
  ...Object.fromEntries(
    [400, 401, 403, 404, 405, 410, 451, 500, 501, 502, 503, 504].map((status) => [
      `status ${status} for ever`,
      { how: { faults: forEver({ status }) } },
    ]),
  ),
  ...Object.fromEntries(
    [408, 425, 500, 502, 503, 504].map((status) => [
      `status ${status} once`,
      { how: { faults: once({ status }) } },
    ]),
  ),
  'status 429 with Retry-After': {
    how: { faults: once({ status: 429, headers: { 'Retry-After': '0.1' } }) },
  },
  'a redirect to an address that expires, cut': {
    how: { redirect: true, faults: [{ cut: MIDDLE }, { cut: CHUNK }] },
  },
  'a redirect to a server that is down': { how: { redirect: 'http://localhost:9/m.pte' } },

  // Parts.
  ...Object.fromEntries(
    [400, 401, 403, 404, 405, 416, 501].map((parts) => [
      `parts answered by ${parts}`,
      { how: { parts, faults: once({ cut: MIDDLE }) } },
    ]),
  ),
  'parts compressed': { how: { parts: 'gzip', faults: once({ cut: MIDDLE }) } },
  'parts that break': { how: { parts: 'cut', faults: once({ cut: MIDDLE }) } },
  'parts without Content-Range': { how: { parts: 'bare', faults: once({ cut: MIDDLE }) } },
  'parts that are too short': { how: { parts: 'short', faults: once({ cut: MIDDLE }) } },
  'parts without Content-Range, a whole without length': {
    how: { parts: 'bare', length: false, faults: once({ cut: MIDDLE }) },
  },
  'a part that begins later': { how: { faults: [{ cut: MIDDLE }, { shift: 10 }] } },
  'parts that always begin later': {
    how: { faults: [{ cut: MIDDLE }, ...forEver({ shift: 10 })] },
  },
  'a part without a byte': { how: { faults: [{ cut: MIDDLE }, { empty: true }] } },
  'no ranges': { how: { ranges: false, faults: once({ cut: MIDDLE }) } },
  'parts refused only after the page was closed': {
    how: { faults: [{ cut: MIDDLE }, ...forEver({ status: 503 })] },
    then: { parts: 403 },
  },

  // Lengths, compression, validators.
  'no length': { how: { length: false, faults: once({ cut: MIDDLE }) } },
  compressed: { how: { gzip: true } },
  'compressed, without ranges, cut': {
    how: { gzip: true, ranges: false, faults: once({ cut: 50_000 }) },
  },
  'no ETag': { how: { etag: null, faults: once({ cut: MIDDLE }) } },
  'a date instead of an ETag': { how: { ...dated, faults: once({ cut: MIDDLE }) } },

  // Another file, or half of one.
  'replaced while it is downloaded': {
    how: { faults: [{ cut: MIDDLE }, { bytes: OTHER }] },
    fresh: true,
  },
  'replaced while it is downloaded, no validators': {
    how: { etag: null, faults: [{ cut: MIDDLE }, { bytes: OTHER }] },
    fresh: true,
  },
  'replaced while it is downloaded, the same ETag': {
    how: { etag: '"same"', faults: [{ cut: MIDDLE }, { bytes: damaged(0) }] },
    pin: true,
  },
  'replaced at every attempt': {
    how: {
      faults: Array.from({ length: 40 }, (_, i) => ({ bytes: i % 2 ? OTHER : GOOD, cut: MIDDLE })),
    },
    fresh: true,
  },
  'a truncated file': { what: GOOD.subarray(0, MIDDLE) },
  'a truncated file, without length': { what: GOOD.subarray(0, MIDDLE), how: { length: false } },
  'a truncated file, cut, parts without a total': {
    what: GOOD.subarray(0, MIDDLE),
    how: { ...dated, parts: 'bare', faults: once({ cut: 3 * CHUNK }) },
  },
  'a head that the engine refuses, then silence': {
    what: damaged(64),
    how: { etag: '"same"', faults: [{ cut: MIDDLE }, ...forEver({ stall: 0 })] },
    then: { etag: '"same"' },
  },
  'a head that the engine refuses': { what: damaged(64), how: { etag: '"same"' } },
  'noise in the weights': { what: damaged(2 * CHUNK), fresh: true },
  'noise behind a good part, the same ETag, then 503': {
    what: damaged(5 * CHUNK),
    how: { etag: '"same"', faults: [{ cut: 9 * CHUNK }, ...forEver({ status: 503 })] },
    then: { etag: '"same"' },
    pin: true,
  },

  // Not the file at all.
  'an HTML page': text('<!doctype html><title>App</title>', 'text/html'),
  'an HTML page said to be bytes': text('<!doctype html><title>App</title>'),
  'an LFS pointer': text(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 9\n`,
  ),
  'a JSON error': text('{"error":"not found"}', 'application/json'),
  'an XML error': text('<?xml version="1.0"?><Error>expired</Error>', 'application/xml'),
  'plain text': text('Entry not found'),
  'nothing at all': { what: Buffer.alloc(0) },

  // Pins.
  'a pinned digest, other bytes': { what: damaged(SIZE - 100), pin: true },
  'a pinned digest, a truncated file': { what: GOOD.subarray(0, MIDDLE), pin: true },
  'a pinned digest, a refused head, then 503': {
    what: damaged(64),
    how: { etag: '"same"', faults: [{ cut: MIDDLE }, ...forEver({ status: 503 })] },
    then: { etag: '"same"' },
    pin: true,
  },

  // The store.
  'a chunk with a flipped bit': { tamper: 'flip' },
  'a chunk with a flipped bit, and its digest': { tamper: 'forge' },
  'a chunk with a flipped bit, and its digest, pinned': { tamper: 'forge', pin: true },
  'a chunk that is missing': { tamper: 'drop' },
  'a chunk that is missing, parts refused': { tamper: 'drop', then: { parts: 403 } },
  'a record that is nonsense': { tamper: 'nonsense' },
  'a record whose id leads out of the folder': { tamper: 'path' },
  'a record that lies about its size': { tamper: 'size' },
  'a part that says it is whole': {
    how: { faults: [{ cut: MIDDLE }, ...forEver({ status: 503 })] },
    tamper: 'whole',
  },
  'a part whose hash state is nonsense': {
    how: { faults: [{ cut: MIDDLE }, ...forEver({ status: 503 })] },
    tamper: 'hash',
  },
  'a part of which a chunk is missing': {
    how: { faults: [{ cut: MIDDLE }, ...forEver({ status: 503 })] },
    tamper: 'drop',
  },
};

/**
 * name → {what, how}: what the server has in place of the right file, for a while. It must change nothing: not while it is
 * there, and not when the server is gone afterwards.
 */
export const WRONG_UPDATES = {
  'half of the file': { what: GOOD.subarray(0, MIDDLE) },
  'noise behind a good head': { what: damaged(64) },
  'noise behind a good head, by date': { what: damaged(64), how: dated },
  'a shorter file, no validators': { what: GOOD.subarray(0, MIDDLE), how: { etag: null } },
  'an HTML page instead': text('<!doctype html><title>App</title>', 'text/html'),
  'an empty file': { what: Buffer.alloc(0) },
};

/** What `npm test` runs in browsers, where each load costs a worker; the whole list runs on files. */
export const QUICK = [
  'all is well',
  'cut every 30 kB',
  'cut in the middle, then nothing but 503',
  'status 404 for ever',
  'parts answered by 403',
  'parts without Content-Range',
  'compressed, without ranges, cut',
  'replaced while it is downloaded',
  'a truncated file',
  'a head that the engine refuses, then silence',
  'an HTML page',
  'a chunk with a flipped bit',
  'a chunk with a flipped bit, and its digest, pinned',
  'a record that is nonsense',
  'a record whose id leads out of the folder',
  'a part that says it is whole',
];
