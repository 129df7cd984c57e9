// node tests/tflite/compare.mjs [--modules FOLDER] [--rounds 2] [--seed 1] [--only REGEXP] [FILE|FOLDER ...]
//
// Runs .tflite files through this library's build in Node, LiteRT.js and tfjs-tflite, on a picture pattern, and prints per output how they
// differ: elements for integers, the largest error of the range for floats. Without files: random models of one operator, counted
// per family. Needs `npm run build`; the peers are installed into the cache folder.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ExecutorchModule, ScalarType } from '../../dist/core.js';
import { oneOpModels } from './lib/cases.mjs';
import { peerModules } from './lib/modules.mjs';
import { openLiteRt, openTfjsTflite } from './lib/peers.mjs';

const ARRAYS = {
  [ScalarType.FLOAT]: Float32Array,
  [ScalarType.BYTE]: Uint8Array,
  [ScalarType.CHAR]: Int8Array,
  [ScalarType.INT]: Int32Array,
  [ScalarType.LONG]: BigInt64Array,
  [ScalarType.BOOL]: Uint8Array,
};

/** Values for a tensor [.., H, W, C]: pattern A, with the channel last; floats in [0, 1]. */
function pattern({ sizes, scalarType }) {
  const count = sizes.reduce((a, b) => a * b, 1);
  const channels = sizes.at(-1) ?? 1;
  const width = sizes.at(-2) ?? 1;
  const array = new ARRAYS[scalarType](count);
  for (let i = 0; i < count; i++) {
    const c = i % channels;
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    const value = (x * 7 + y * 13 + c * 29 + ((x * y) >> 3)) & 255;
    if (scalarType === ScalarType.FLOAT) array[i] = value / 255;
    else if (scalarType === ScalarType.LONG) array[i] = BigInt(value);
    else array[i] = scalarType === ScalarType.CHAR ? value - 128 : value;
  }
  return array;
}

async function runOurs(bytes, inputs) {
  const module = new ExecutorchModule();
  await module.load(bytes.slice());
  try {
    const info = module.info;
    const data = inputs ?? info.inputs.map(pattern);
    const tensors = data.map((dataPtr, i) => ({
      dataPtr,
      sizes: info.inputs[i].sizes,
      scalarType: info.inputs[i].scalarType,
    }));
    const outputs = await module.forward(tensors);
    return {
      inputs: data,
      outputs: outputs.map(({ dataPtr, sizes, scalarType }) => ({
        sizes,
        scalarType,
        data: new ARRAYS[scalarType](dataPtr),
      })),
    };
  } finally {
    module.delete();
  }
}

/** A peer that is opened anew after each failure: a trap leaves its memory in disorder. */
async function patient(open) {
  let peer = await open(modules);
  return {
    name: peer.name,
    async run(bytes, inputs) {
      try {
        return await peer.run(bytes, inputs);
      } catch (error) {
        peer = await open(modules);
        throw error;
      }
    },
  };
}

/** How an output differs from a peer's: { diff, worst, range, float }, or null when the peer has another number of elements. */
function difference({ data, scalarType }, peer) {
  if (!peer || peer.data.length !== data.length) return null;
  let [diff, worst, range] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const [a, b] = [Number(data[i]), Number(peer.data[i])];
    if (Object.is(a, b) || a === b) {
      range = Math.max(range, Number.isFinite(b) ? Math.abs(b) : 0);
      continue;
    }
    diff++;
    worst = Math.max(worst, Number.isNaN(a - b) ? Infinity : Math.abs(a - b));
    range = Math.max(range, Number.isFinite(b) ? Math.abs(b) : 0);
  }
  return { diff, worst, range, count: data.length, float: scalarType === ScalarType.FLOAT };
}

function tell(d) {
  if (d === null) return 'another number of elements';
  if (d.float) return `${(d.worst / (d.range || 1)).toExponential(1)} of the range`;
  return `${d.diff} of ${d.count} differ${d.diff > 0 ? `, by ${d.worst} at most` : ''}`;
}

const agrees = (d) =>
  d !== null && (d.float ? d.worst <= 1e-5 * Math.max(d.range, 1e-3) : d.diff === 0);
const isClose = (d) => d !== null && (agrees(d) || (!d.float && d.worst <= 1));

async function compareFile(path, peers) {
  const bytes = readFileSync(path);
  let ours;
  try {
    ours = await runOurs(bytes);
  } catch (error) {
    console.log(`${basename(path)}: ${error.message}`);
    return;
  }
  console.log(`${basename(path)}: ${ours.outputs.map(({ sizes }) => `[${sizes}]`).join(' ')}`);
  for (const peer of peers) {
    const theirs = await peer
      .run(bytes, ours.inputs)
      .catch((error) => String(error.message ?? error).split('\n')[0]);
    const line = Array.isArray(theirs)
      ? ours.outputs.map((output, i) => tell(difference(output, theirs[i]))).join('; ')
      : `does not run it: ${theirs}`;
    console.log(`  ${peer.name}: ${line}`);
  }
}

async function compareOneOps(options, peers) {
  const total = { models: 0, equal: 0, close: 0, different: 0, failed: 0, unanswered: 0 };
  for (const { name, bytes, inputs } of oneOpModels(options)) {
    total.models++;
    const answers = [];
    for (const peer of peers) answers.push(await peer.run(bytes, inputs).catch(() => null));
    if (answers.every((answer) => answer === null)) total.unanswered++;
    let ours;
    try {
      ours = await runOurs(bytes, inputs);
    } catch (error) {
      total.failed++;
      console.log(`${name}: ${error.message}`);
      continue;
    }
    const differences = answers
      .filter(Boolean)
      .map((answer) => ours.outputs.map((output, i) => difference(output, answer[i])));
    if (differences.some((list) => list.every(agrees))) total.equal++;
    else if (differences.some((list) => list.every(isClose))) total.close++;
    else total.different++;
    if (!differences.some((list) => list.every(agrees))) {
      console.log(`${name}: ${differences.map((list) => list.map(tell).join('; ')).join(' | ')}`);
    }
  }
  console.log(JSON.stringify(total));
}

function* files(paths) {
  for (const path of paths) {
    if (!statSync(path).isDirectory()) yield path;
    else
      for (const name of readdirSync(path).sort())
        if (name.endsWith('.tflite')) yield join(path, name);
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    modules: { type: 'string' },
    rounds: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const modules = values.modules ?? (await peerModules());
const peers = [await patient(openLiteRt), await patient(openTfjsTflite)];
if (positionals.length > 0) {
  for (const path of files(positionals)) await compareFile(path, peers);
} else {
  const only = values.only && new RegExp(values.only);
  await compareOneOps({ rounds: Number(values.rounds), seed: Number(values.seed), only }, peers);
}
