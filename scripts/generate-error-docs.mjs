// Makes docs/errors.md from src/base/status.def and the advice below.
// `node scripts/generate-error-docs.mjs` writes it, `--check` fails when the committed file is not current.
// A code without advice, and advice without a code, fail both: no error may lack its page.
import { readStatusTable } from './generate-errors.mjs';
import { writeGenerated } from './lib/generated.mjs';
import { entry } from './lib/run.mjs';

// Name: [when it happens, what to do]. Markdown.
const ADVICE = {
  Ok: ['Never thrown; the number exists because ExecuTorch has it.', 'Nothing.'],
  Internal: [
    'The runtime found itself in a state that its own rules exclude.',
    'Please report it with the message, the model and the browser. `load` a new instance meanwhile.',
  ],
  InvalidState: [
    'A call came at a time when it makes no sense, such as a second `load` while the first one runs.',
    'Wait for the promise of the earlier call.',
  ],
  NotSupported: [
    'The model was exported with a feature that this runtime does not have; the message names it.',
    'Export the model without that feature.',
  ],
  NotImplemented: [
    'A part of the interface exists for compatibility only.',
    'The message says what to use instead.',
  ],
  InvalidArgument: [
    'An argument is out of its range or of the wrong kind.',
    'The message names the argument and what it may be.',
  ],
  InvalidType: [
    "A tensor's `scalarType` is not the one that the model declares, or the bytes do not fit it.",
    'Compare with `inputs` of the model (`npx executorch-web inspect MODEL`).',
  ],
  OperatorMissing: [
    'The model uses operators that this runtime lacks. It fails while loading, and names all of them.',
    'Export with `XnnpackPartitioner`, so that more of the graph runs in XNNPACK, or rewrite that part of the model.',
  ],
  NotFound: [
    'There is no method, input or output of that name or number in the model.',
    '`npx executorch-web inspect MODEL` lists what there is.',
  ],
  MemoryAllocationFailed: [
    'The WebAssembly memory could not grow: the browser or the device has no more to give.',
    'Use a quantised (int8) model, `delete()` models that are not in use, and pass smaller pictures.',
  ],
  AccessFailed: ['A resource exists and could not be read.', 'See `cause`.'],
  InvalidProgram: [
    'The bytes are no `.pte` model, or the file is damaged or cut off. A server that answers with a web page for missing files is the usual reason.',
    'Open the address in a browser: it must download the model. Then `ResourceFetcher.deleteResources(source)` and load again.',
  ],
  InvalidExternalData: [
    'The weights of the model are in a separate file (`.ptd`), which was not given or is another one.',
    'Give both: `load({ modelSource, dataSource })`, `model: { modelSource, dataSource }` in hooks, `--data FILE` on the command line.',
  ],
  OutOfResources: [
    'The model is larger than a limit of the runtime: tensors up to 1 GiB, working memory up to 1.5 GiB, all outputs of a run up to 256 MiB.',
    'Use a smaller input size or a smaller model; for the outputs, `load(model, undefined, { maxOutputBytes })`.',
  ],
  DelegateInvalidCompatibility: [
    'The model was exported for another backend (Core ML, Vulkan, QNN …).',
    'Use the XNNPACK file of the model; most publishers offer both.',
  ],
  DelegateMemoryAllocationFailed: [
    'XNNPACK could not get memory for packed weights or for its workspace.',
    'As for [MemoryAllocationFailed](#memoryallocationfailed).',
  ],
  DelegateInvalidHandle: [
    'XNNPACK refused an operator of the graph; the message names it.',
    'Please report it with the model.',
  ],
  UnexpectedNumInputs: [
    'The number of tensors given to `forward`, or needed by the task, is not the number that the model takes.',
    'Image tasks need a model with one input; use `ExecutorchModule` for others.',
  ],
  UnknownError: ['Something outside this library threw.', 'See `cause`.'],
  ModuleNotLoaded: [
    '`forward` was called before `load` had finished, after `delete()`, or on a hook that is not ready.',
    'Wait for the promise of `load`, or for `isReady`. With `preventLoad` nothing is loaded. A hook that failed to load says why in `error`.',
  ],
  FileWriteFailed: [
    'The model could not be written to the store of the browser; private windows and full disks do that.',
    'The model still runs from memory where possible. Free space with `ResourceFetcher.deleteResources`.',
  ],
  ModelGenerating: [
    'A hook was asked to run during its previous run.',
    'Wait for the previous promise or for `isGenerating` to become false, or give the hook `queue: true`.',
  ],
  InvalidConfig: [
    'A setting is not valid, such as a preprocessor without three numbers.',
    'The message names the setting.',
  ],
  FileReadFailed: [
    'A picture or a file could not be fetched or read: wrong path, no permission, HTTP error, or CORS.',
    'See `cause`. Pictures from other sites need the header `Access-Control-Allow-Origin`.',
  ],
  InvalidModelOutput: [
    "The model's output is not what the task expects, such as 1000 classes for ImageNet labels.",
    'Choose the module that fits the model, give labels of your own, or use `ExecutorchModule`.',
  ],
  WrongDimensions: [
    "A tensor's shape is not the one that the model declares, or its bytes do not fit its shape.",
    'Compare with `inputs` of the model (`npx executorch-web inspect MODEL`).',
  ],
  InvalidUserInput: [
    'What was given as a picture or tensor is none.',
    'The message lists what is understood.',
  ],
  DownloadInterrupted: [
    'The connection broke, or the download was paused or cancelled.',
    'Load again: what has arrived is kept and only the rest is fetched.',
  ],
  PlatformNotSupported: [
    'The browser or runtime lacks something indispensable: WebAssembly SIMD, or a part of the web platform.',
    'Update the browser. `getCapabilities()` tells what is missing.',
  ],
  TokenizerError: [
    'The file at `tokenizerSource` is no `tokenizer.json`, or describes a kind of tokenizer that is not known here.',
    "Give the `tokenizer.json` that belongs to the model, as Hugging Face's tokenizers write it.",
  ],
  ResourceFetcherDownloadFailed: [
    'The server could not be reached, or answered with an error; the message has address and status.',
    'Check address, network and CORS. For private files use an address that needs no login.',
  ],
  ResourceFetcherDownloadInProgress: [
    'The same resource is being fetched by an earlier call.',
    'Wait for that call.',
  ],
  ResourceFetcherAlreadyPaused: [
    '`pauseFetching` was called for a download that is paused.',
    'Call `resumeFetching` to go on.',
  ],
  ResourceFetcherAlreadyOngoing: [
    '`resumeFetching` was called for a download that is not paused.',
    'Nothing: it continues by itself.',
  ],
  ResourceFetcherNotActive: [
    'None of the given sources is being downloaded, so there is nothing to pause, resume or cancel.',
    'Pass the very source that was given to `load` or `fetch`.',
  ],
  ResourceFetcherMissingUri: [
    'A download has no address to continue from.',
    'Start it again with `fetch` or `load`.',
  ],
  IntegrityCheckFailed: [
    'The bytes that arrived do not have the expected size or SHA-256.',
    'Load again. If it persists, the file on the server is not the one that was published.',
  ],
  WorkerFailed: [
    'The worker did not start (wrong address, Content Security Policy) or died (mostly for lack of memory).',
    'Allow workers (`worker-src`), check the address in the message. After a crash, `load` again: a new worker is started. Hooks load again when they are mounted again.',
  ],
  WasmLoadFailed: [
    'The `.wasm` file was not found or is not WebAssembly; the message has the address and the MIME type received.',
    'Copy the files with `npx executorch-web copy-assets DIR` and tell where with `configure`. A Content Security Policy needs `wasm-unsafe-eval`.',
  ],
  Aborted: [
    "The caller's `AbortSignal` was aborted, or a queued run was given up because its components were unmounted.",
    'Usually nothing: test with `isExecutorchError(error, ErrorCode.Aborted)` and be silent.',
  ],
  InvalidImage: [
    'The bytes are no picture, or the picture is damaged.',
    'Open it in a viewer; for addresses, check that the server answers with a picture and not with a page.',
  ],
  UnsupportedImage: [
    'The picture is of a format that neither the core nor this browser can decode.',
    'Convert it to JPEG or PNG.',
  ],
  ImageTooLarge: [
    'The picture has more pixels than the limit.',
    'Scale it down first, or raise `maxPixels`.',
  ],
  InvalidModelSource: [
    'What was given as `modelSource` is no address, path, Blob or bytes.',
    'See `ResourceSource`. With Metro, pass what `require()` or `import` gives.',
  ],
};

const GROUPS = [
  ['Codes of ExecuTorch', (code) => code < 64],
  ['Codes of react-native-executorch', (code) => code >= 64 && (code < 200 || code === 255)],
  ['Codes of this library', (code) => code >= 200 && code !== 255],
];

const INTRO = `<!-- Generated from src/base/status.def by scripts/generate-error-docs.mjs. Do not edit. -->

# Errors

Everything that this library throws or rejects with is an \`ExecutorchError\`:

| field | what it is |
|---|---|
| \`code\` | a number of \`ErrorCode\`, from the tables below |
| \`codeName\` | its name, such as \`'ModuleNotLoaded'\` |
| \`message\` | what happened, where, and what can be done |
| \`cause\` | what lay beneath, when there was something |

\`\`\`ts
import { ErrorCode, isExecutorchError } from 'executorch-web';

try {
  await model.forward(image);
} catch (error) {
  if (isExecutorchError(error, ErrorCode.InvalidImage)) showHint('That is not a picture.');
  else throw error;
}
\`\`\`

Hooks keep what went wrong while loading as text in \`error\`; failures of \`forward\` reject its promise.
`;

function title(sentence) {
  return `${sentence[0].toUpperCase()}${sentence.slice(1)}.`;
}

/** The page as text. */
export function errorsPage(rows) {
  checkAdvice(rows);
  const parts = [INTRO];
  for (const [heading, belongs] of GROUPS) {
    const group = rows.filter(({ code }) => belongs(code));
    parts.push(`## ${heading}\n`, summary(group));
    for (const row of group) parts.push(section(row));
  }
  return `${parts.join('\n')}`;
}

function summary(rows) {
  const lines = rows.map(
    ({ code, name, sentence }) =>
      `| ${code} | [\`${name}\`](#${name.toLowerCase()}) | ${title(sentence)} |`,
  );
  return ['| code | name | meaning |', '|---|---|---|', ...lines, ''].join('\n');
}

function section({ code, name, sentence }) {
  const [when, remedy] = ADVICE[name];
  return [
    `### ${name}`,
    '',
    `**${code}** · ${title(sentence)}`,
    '',
    when,
    '',
    `*What to do:* ${remedy}`,
    '',
  ].join('\n');
}

function checkAdvice(rows) {
  const names = new Set(rows.map(({ name }) => name));
  const missing = [...names].filter((name) => !(name in ADVICE));
  const stale = Object.keys(ADVICE).filter((name) => !names.has(name));
  if (missing.length + stale.length === 0) return;
  throw new Error(
    `scripts/generate-error-docs.mjs: no advice for [${missing.join(', ')}], no code for [${stale.join(', ')}]`,
  );
}

if (import.meta.filename === process.argv[1]) {
  const page = () => ({ 'docs/errors.md': errorsPage(readStatusTable()) });
  await entry(() => writeGenerated(page(), 'generate-error-docs.mjs'));
}
