import type { ModelInfo, ModelMetadata, TensorInfo, TensorMetadata } from '../core/types.js';
import { ExecutorchModule } from '../modules/ExecutorchModule.js';
import { UsageError, modelOf, parse } from './options.js';

export async function inspectCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    method: { type: 'string' },
    dump: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`one MODEL at a time, got '${more[0]}' too`);
  const module = new ExecutorchModule();
  await module.load(modelOf(name).modelSource, undefined, { method: values.method });
  const info = module.info!;
  if (values.dump) console.log(await module.dump());
  else if (values.json)
    console.log(JSON.stringify({ ...info, heapBytes: await module.memoryUse() }, null, 2));
  else print(info, await module.memoryUse());
  module.delete();
  return 0;
}

function print(info: ModelInfo, heapBytes: number): void {
  const size = info.fileBytes === null ? 'unknown size' : inWords(info.fileBytes);
  console.log(`${info.format} file, ${size}`);
  console.log(`methods    ${info.methods.join(', ')} (shown: ${info.method})`);
  info.inputs.forEach((input, i) => console.log(`input ${i}    ${describe(input)}`));
  info.outputs.forEach((output, i) => console.log(`output ${i}   ${describe(output)}`));
  if (info.metadata) printMetadata(info.metadata);
  info.warnings?.forEach((warning) => console.log(`warning    ${warning}`));
  console.log(`steps      ${info.steps} (${info.segments} XNNPACK segments)`);
  printCounts('XNNPACK nodes', info.nodes);
  printCounts('portable operators', info.kernels);
  const { memory } = info;
  console.log('memory');
  console.log(`  constants in the file  ${inWords(memory.constantBytes)}`);
  console.log(`  packed weights         ${inWords(memory.packedBytes)}`);
  console.log(`  kept constants         ${inWords(memory.residentBytes)}`);
  console.log(`  working memory         ${inWords(memory.plannedBytes)}`);
  console.log(`  metadata               ${inWords(memory.metadataBytes)}`);
  console.log(`  wasm heap in all       ${inWords(heapBytes)}`);
}

function printCounts(title: string, counts: Record<string, number>): void {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  console.log(`${title}${entries.length === 0 ? '  none' : ''}`);
  for (const [name, count] of entries) console.log(`  ${String(count).padStart(5)}  ${name}`);
}

function describe({ type, sizes, dynamic, name, scale, zeroPoint }: TensorInfo): string {
  const quantised = scale === undefined ? '' : `, ${scale} * (value - ${zeroPoint})`;
  return `${type} [${sizes.join(', ')}]${dynamic ? ' at most' : ''}${quantised}${name ? `  ${name}` : ''}`;
}

function printMetadata(metadata: ModelMetadata): void {
  const { name, version, author, license, minParserVersion, description } = metadata;
  const facts = { name, version, author, license, minParserVersion, description };
  console.log('metadata');
  for (const [key, value] of Object.entries(facts)) {
    if (value) console.log(`  ${key.padEnd(17)} ${value}`);
  }
  if (metadata.activation) console.log(`  activation        ${metadata.activation}`);
  metadata.inputs?.forEach((tensor, i) => printTensor(`input ${i}`, tensor));
  metadata.outputs?.forEach((tensor, i) => printTensor(`output ${i}`, tensor));
}

function printTensor(title: string, tensor: TensorMetadata): void {
  const facts = [tensor.name, tensor.content, tensor.colorSpace];
  if (tensor.mean) facts.push(`mean ${tensor.mean.join(' ')}, std ${tensor.std?.join(' ')}`);
  if (tensor.scoreThreshold != null) facts.push(`threshold ${tensor.scoreThreshold}`);
  console.log(`  ${title.padEnd(17)} ${facts.filter(Boolean).join(', ')}`);
  for (const { name, kind, locale, lines } of tensor.files ?? []) {
    const language = locale ? ` (${locale})` : '';
    const content = lines === undefined ? 'not in the file' : `${lines.length} lines`;
    console.log(`${' '.repeat(20)}${name}${language}: ${kind}, ${content}`);
  }
}

function inWords(bytes: number): string {
  if (bytes < 1e4) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}
