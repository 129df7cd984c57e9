// Which models are measured, and on which engines.
import { brotliDecompress } from 'node:zlib';
import { promisify } from 'node:util';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ROOT, SHARED, hasShared, manifest, realEntries } from '../../lib/shared.mjs';

/** LiteRT.js and MediaPipe have no .pte: this is the same network and type of arithmetic, other weights. */
const TFLITE = {
  mobilenet_v2_imagenet1k_int8: 'data/tflite/coral_tf2_mobilenet_v2_1.0_224_ptq.tflite',
};

/** Other exporters' editions of a model, and duplicates of an architecture, run in one build only. */
const isEdition = (name) => /\.et\d+$|_random_|_fused$/.test(name);

/**
 * Models of the reference collection, else the built-in ones: [{name, path, input, edition, onnx, tflite}].
 * Paths are of files, possibly compressed (.br).
 */
export function listModels() {
  return hasShared ? sharedModels() : builtInModels();
}

function sharedModels() {
  const entries = [...manifest('full'), ...realEntries()];
  return entries.map(({ file, inputs }) => {
    const name = basename(file, '.pte');
    const edition = isEdition(name);
    const onnx = `models/onnx/${name.replace(/_fp32$/, '')}.onnx.br`;
    const tflite = TFLITE[name];
    return {
      name,
      edition,
      path: present(`models/${file}`),
      input: { shape: inputs[0][0].shape, type: 'f32' },
      onnx: !edition && existsSync(join(SHARED, onnx)) ? join(SHARED, onnx) : undefined,
      tflite: tflite && join(SHARED, tflite),
    };
  });
}

function present(path) {
  const plain = join(SHARED, path);
  return existsSync(plain) ? plain : `${plain}.br`;
}

/** What these take is asked of the loaded model: page/ours.mjs. */
function builtInModels() {
  const folder = join(ROOT, 'models');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.pte'))
    .map((file) => ({ name: basename(file, '.pte'), edition: false, path: join(folder, file) }));
}

/** Puts an unpacked copy of a file into `folder` and returns {file, bytes}. */
export async function unpack(path, folder) {
  mkdirSync(folder, { recursive: true });
  const file = basename(path, '.br');
  const target = join(folder, file);
  if (path.endsWith('.br')) {
    writeFileSync(target, await promisify(brotliDecompress)(readFileSync(path)));
  } else copyFileSync(path, target);
  return { file, bytes: statSync(target).size };
}

/** A folder in the form that transformers.js loads: an ONNX file with its configuration. */
export function hubFolder(onnxFile, folder) {
  const model = join(folder, 'onnx/model.onnx');
  mkdirSync(dirname(model), { recursive: true });
  copyFileSync(onnxFile, model);
  const config = { model_type: 'resnet', architectures: ['ResNetForImageClassification'] };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
}

export function discard(folder) {
  rmSync(folder, { recursive: true, force: true });
}
