// The stores that the fault matrix runs against: how a model is loaded with each, and how its files are tampered with.
import { createHash } from 'node:crypto';
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHUNK } from './fault-scenarios.mjs';

/** Little patience, small chunks. */
const SETTINGS = {
  freshness: 'immutable',
  download: { attempts: 4, delay: 5, maxDelay: 200, stallTimeout: 400, chunkSize: CHUNK },
};

/**
 * Loads and runs a model; runs in Node and in pages.
 *
 * @returns {sees, output, kept}: what the user sees ('loaded' or the error's name), the outputs as text, whether it is kept.
 */
async function loadAndRun(api, url, settings, freshness) {
  const { ExecutorchModule, ScalarType, configure } = api;
  configure(settings);
  const module = new ExecutorchModule();
  try {
    await module.load(url, undefined, freshness && { freshness });
    const { sizes } = module.info.inputs[0];
    const dataPtr = new Float32Array(sizes.reduce((a, b) => a * b)).fill(0.25);
    const [{ dataPtr: data }] = await module.forward({
      dataPtr,
      sizes,
      scalarType: ScalarType.FLOAT,
    });
    const { kept } = module.loadReport.resource;
    // A sum of the bits, weighted by their place, tells outputs apart.
    const output = new Uint32Array(data).reduce(
      (sum, bits, i) => (sum * 31 + bits + i) % 2 ** 32,
      0,
    );
    return { sees: 'loaded', output, kept };
  } catch (error) {
    return { sees: error.codeName ?? String(error), message: error.message };
  } finally {
    module.delete();
  }
}

/** What is done to a record; `whole` is the digest that a complete record must have. */
function changed(record, tamper) {
  switch (tamper) {
    case 'nonsense':
      return { key: record.key, format: 1, stored: 'many' };
    case 'path':
      return { ...record, id: '../../outside' };
    case 'size':
      return { ...record, size: record.stored - 1 };
    case 'whole':
      return { ...record, state: 'complete', size: record.stored, sha256: 'a'.repeat(64) };
    case 'hash':
      return { ...record, hashState: 'ab'.repeat(20) };
    default:
      return record;
  }
}

/** The record with another digest of chunk 1. */
function forged(record, digest) {
  return { ...record, digests: record.digests.with(1, digest) };
}

/** Files in Node, in this process. */
export async function filesStore() {
  const api = await import('../../dist/core.js');
  const directory = mkdtempSync(join(tmpdir(), 'ew-faults-'));
  const configured = { ...SETTINGS, store: 'files', storeDirectory: directory };
  return {
    load: (url, { pins = {}, freshness } = {}) =>
      loadAndRun(api, url, { ...configured, pins }, freshness),
    tamper(url, tamper) {
      const read = (name) => JSON.parse(readFileSync(join(directory, name), 'utf8'));
      const names = readdirSync(directory);
      const name = names.find((one) => one.endsWith('.json') && read(one).key === url);
      const record = read(name);
      const data = join(directory, `${name.slice(0, -5)}-${record.id}.bin`);
      const write = (value) => writeFileSync(join(directory, name), JSON.stringify(value));
      if (tamper === 'flip' || tamper === 'forge') {
        const bytes = readFileSync(data);
        bytes[CHUNK + 77] ^= 1;
        writeFileSync(data, bytes);
        const chunk = bytes.subarray(CHUNK, 2 * CHUNK);
        const digest = createHash('sha256').update(chunk).digest('hex');
        if (tamper === 'forge') write(forged(record, digest));
      } else if (tamper === 'drop') truncateSync(data, CHUNK);
      else write(changed(record, tamper));
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** IndexedDB or OPFS of a page. */
export async function browserStore(browser, store) {
  const page = await browser.newPage();
  await page.addScriptTag({ content: [loadAndRun, changed, forged, digestOf].join('\n') });
  const tampers = { indexeddb: tamperIndexedDb, opfs: tamperOpfs };
  return {
    load: (url, { pins = {}, freshness } = {}) =>
      page.evaluate(
        async ([url, settings, freshness]) =>
          globalThis.loadAndRun(await import('/dist/core.js'), url, settings, freshness),
        [url, { ...SETTINGS, store, pins }, freshness],
      ),
    tamper: (url, tamper) => page.evaluate(tampers[store], [url, tamper, CHUNK]),
    close: () => page.close(),
  };
}

/** SHA-256 in a page. */
async function digestOf(bytes) {
  const digest = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function tamperIndexedDb([url, tamper, chunk]) {
  const request = (work) =>
    new Promise((resolve, reject) => {
      work.onsuccess = () => resolve(work.result);
      work.onerror = () => reject(work.error);
    });
  const database = await request(indexedDB.open('executorch-web'));
  const of = (name) => database.transaction(['records', 'chunks'], 'readwrite').objectStore(name);
  const record = await request(of('records').get(url));
  if (tamper === 'flip' || tamper === 'forge') {
    // A buffer or a Blob.
    const stored = await request(of('chunks').get([record.id, 1]));
    const bytes = await new globalThis.Response(stored).arrayBuffer();
    new Uint8Array(bytes)[77 % chunk] ^= 1;
    const digest = await globalThis.digestOf(bytes);
    await request(of('chunks').put(bytes, [record.id, 1]));
    if (tamper === 'forge') await request(of('records').put(globalThis.forged(record, digest)));
  } else if (tamper === 'drop') await request(of('chunks').delete([record.id, 1]));
  else await request(of('records').put(globalThis.changed(record, tamper)));
  database.close();
}

async function tamperOpfs([url, tamper, chunk]) {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('executorch-web');
  const read = async (name) => (await folder.getFileHandle(name)).getFile();
  const write = async (name, content) => {
    const stream = await (await folder.getFileHandle(name)).createWritable();
    await stream.write(content);
    await stream.close();
  };
  for await (const name of folder.keys()) {
    if (!name.endsWith('.json')) continue;
    const record = JSON.parse(await (await read(name)).text());
    if (record.key !== url) continue;
    const data = `${name.slice(0, -5)}-${record.id}.bin`;
    const bytes = new Uint8Array(await (await read(data)).arrayBuffer());
    if (tamper === 'flip' || tamper === 'forge') {
      bytes[chunk + 77] ^= 1;
      await write(data, bytes);
      const digest = await globalThis.digestOf(bytes.subarray(chunk, 2 * chunk));
      if (tamper === 'forge') await write(name, JSON.stringify(globalThis.forged(record, digest)));
    } else if (tamper === 'drop') await write(data, bytes.slice(0, chunk));
    else await write(name, JSON.stringify(globalThis.changed(record, tamper)));
    return;
  }
  throw new Error('there is no record');
}
