import type { ModelInfo, ModelMetadata, TensorInfo, TensorMetadata } from '../core/types.js';
import { ExecutorchModule } from '../modules/ExecutorchModule.js';
import { problemOfNormalisation, problemOfParser } from '../tasks/stated.js';
import { UsageError, modelOf, parse } from './options.js';
import { counted, print, printJson } from './text.js';

export async function inspectCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    method: { type: 'string' },
    data: { type: 'string' },
    dump: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`one MODEL at a time, got '${more[0]}' too`);
  const module = new ExecutorchModule();
  await module.load(await modelOf(name, values.data), undefined, { method: values.method });
  const info = module.info!;
  if (values.dump) (await module.dump()).split('\n').forEach((line) => print(line));
  else if (values.json) printJson({ ...info, heapBytes: await module.memoryUse() }, 2);
  else printInfo(info, await module.memoryUse());
  module.delete();
  return 0;
}

function printInfo(info: ModelInfo, heapBytes: number): void {
  const size = info.fileBytes === null ? 'unknown size' : inWords(info.fileBytes);
  print(`${info.format} file, ${size}`);
  print(`methods    ${info.methods.join(', ')} (shown: ${info.method})`);
  info.inputs.forEach((input, i) => print(`input ${i}    ${describe(input)}`));
  info.outputs.forEach((output, i) => print(`output ${i}   ${describe(output)}`));
  if (info.inputs.some(({ freeDims }) => freeDims)) {
    const shapes = info.inputs.map(({ sizes }) => `[${sizes.join(', ')}]`).join(', ');
    print(`           outputs as they are for inputs of ${shapes}`);
  }
  if (info.metadata) printMetadata(info.metadata);
  const warnings = [problemOfNormalisation(info), problemOfParser(info), ...(info.warnings ?? [])];
  warnings.forEach((warning) => warning && print(`warning    ${warning}`));
  print(`steps      ${info.steps} (${counted(info.segments, 'XNNPACK segment')})`);
  printCounts('XNNPACK nodes', info.nodes);
  printCounts('portable operators', info.kernels);
  const { memory } = info;
  print('memory');
  print(`  constants in the file  ${inWords(memory.constantBytes)}`);
  print(`  packed weights         ${inWords(memory.packedBytes)}`);
  print(`  kept constants         ${inWords(memory.residentBytes)}`);
  print(`  working memory         ${inWords(memory.plannedBytes)}`);
  print(`  metadata               ${inWords(memory.metadataBytes)}`);
  print(`  wasm heap in all       ${inWords(heapBytes)}`);
}

function printCounts(title: string, counts: Record<string, number>): void {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  print(`${title}${entries.length === 0 ? '  none' : ''}`);
  for (const [name, count] of entries) print(`  ${String(count).padStart(5)}  ${name}`);
}

function describe({ type, sizes, dynamic, freeDims, name, scale, zeroPoint }: TensorInfo): string {
  const shape = sizes.map((size, d) => (freeDims?.includes(d) ? 'any' : size)).join(', ');
  const quantised = scale === undefined ? '' : `, ${scale} * (value - ${zeroPoint})`;
  return `${type} [${shape}]${dynamic ? ' at most' : ''}${quantised}${name ? `  ${name}` : ''}`;
}

function printMetadata(metadata: ModelMetadata): void {
  const { name, version, author, license, minParserVersion, description } = metadata;
  const facts = { name, version, author, license, minParserVersion, description };
  print('metadata');
  for (const [key, value] of Object.entries(facts)) {
    if (value) print(`  ${key.padEnd(17)} ${value}`);
  }
  if (metadata.activation) print(`  activation        ${metadata.activation}`);
  metadata.inputs?.forEach((tensor, i) => printTensor(`input ${i}`, tensor));
  metadata.outputs?.forEach((tensor, i) => printTensor(`output ${i}`, tensor));
}

function printTensor(title: string, tensor: TensorMetadata): void {
  const facts = [tensor.name, tensor.content, tensor.colorSpace];
  if (tensor.mean) facts.push(`mean ${tensor.mean.join(' ')}, std ${tensor.std?.join(' ')}`);
  if (tensor.scoreThreshold != null) facts.push(`threshold ${tensor.scoreThreshold}`);
  const { scoreCalibration: calibration } = tensor;
  if (calibration) facts.push(`scores calibrated (${calibration.transformation})`);
  print(`  ${title.padEnd(17)} ${facts.filter(Boolean).join(', ')}`);
  for (const { name, kind, locale, lines } of tensor.files ?? []) {
    const language = locale ? ` (${locale})` : '';
    const content = lines === undefined ? 'not in the file' : counted(lines.length, 'line');
    print(`${' '.repeat(20)}${name}${language}: ${kind}, ${content}`);
  }
}

function inWords(bytes: number): string {
  if (bytes < 1e4) return counted(bytes, 'byte');
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}
