// node tests/tflite/expect.mjs [MODULES]: writes tests/fixtures/tflite/one-op.json.gz, what LiteRT.js answers for the random models that
// the native test runs. MODULES is a node_modules folder with the peers (default: the cache's).
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { oneOpModels } from './lib/cases.mjs';
import { openLiteRt, openTfjsTflite } from './lib/peers.mjs';
import { peerModules } from './lib/modules.mjs';

const modules = process.argv[2] ?? (await peerModules());
const [litert, tfjs] = [await openLiteRt(modules), await openTfjsTflite(modules)];
const models = { seed: 7, rounds: 1, weighted: false };
const outputs = {};

const base64 = ({ data }) =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');

for (const { name, bytes, inputs } of oneOpModels(models)) {
  const [a, b] = await Promise.all(
    [litert, tfjs].map((peer) => peer.run(bytes, inputs).catch(() => null)),
  );
  /* LiteRT.js answers some grouped convolutions with what happens to be in memory: both must have run. */
  if (a === null || b === null) continue;
  outputs[name] = {
    digest: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
    data: a.map(base64),
  };
}
const json = JSON.stringify({ models, outputs });
writeFileSync(
  new URL('../fixtures/tflite/one-op.json.gz', import.meta.url),
  gzipSync(json, { level: 9 }),
);
console.log(`${Object.keys(outputs).length} models, ${json.length} bytes`);
