import { ErrorCode, ExecutorchError } from '../base/errors.js';
import { arrayTypeOf } from '../base/scalar-type.js';
import type { TensorInfo } from '../core/types.js';
import { ExecutorchModule, type TensorPtr } from '../modules/ExecutorchModule.js';
import { UsageError, modelOf, numberOption, outputOption, parse, readBytes } from './options.js';
import { writeOutput } from './output.js';
import { filled } from './tensors.js';
import { counted, print, printJson } from './text.js';

export async function runCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    input: { type: 'string', multiple: true, default: [] },
    method: { type: 'string' },
    data: { type: 'string' },
    output: { type: 'string' },
    force: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    'max-output': { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`one MODEL at a time, got '${more[0]}' too`);
  const output = outputOption(values.output);
  const module = new ExecutorchModule();
  const { method, profile } = values;
  const limit = values['max-output'];
  const maxOutputBytes =
    limit === undefined ? undefined : numberOption('max-output', limit) * 2 ** 20;
  const model = await modelOf(name, values.data);
  await module.load(model, undefined, { method, profile, maxOutputBytes });
  const { inputs } = module.info!;
  if (values.input.length !== inputs.length) {
    throw new ExecutorchError(
      ErrorCode.UnexpectedNumInputs,
      `The model takes ${counted(inputs.length, 'input')}, got ${values.input.length} --input.`,
    );
  }
  const tensors = await Promise.all(inputs.map((info, i) => readTensor(values.input[i]!, info)));
  const start = performance.now();
  const outputs = await module.forward(tensors);
  const milliseconds = performance.now() - start;
  const files = output === undefined ? [] : await writeOutputs(output, outputs, values.force);
  if (values.json) printJson({ milliseconds, outputs: outputs.map(toJson), files });
  else printOutputs(outputs, milliseconds);
  if (!values.json) files.forEach((file) => print(`wrote ${file}`));
  if (profile) printProfile(await module.profile());
  module.delete();
  return 0;
}

/** 'zeros', 'ones' or a file, with ':N,M' for the shape. */
async function readTensor(what: string, info: TensorInfo): Promise<TensorPtr> {
  const shape = /:(\d+(?:,\d+)*)$/.exec(what);
  const sizes = shape ? shape[1]!.split(',').map(Number) : info.sizes;
  const source = shape ? what.slice(0, shape.index) : what;
  if (shape && sizes.includes(0)) {
    throw new UsageError(`a tensor of shape ${shape[1]} has no elements: --input ${what}`);
  }
  if (source === 'zeros' || source === 'ones')
    return filled(info, source === 'ones' ? 1 : 0, sizes);
  const bytes = await readBytes(source, bytesOf(info, sizes));
  return { dataPtr: bytes.slice().buffer as ArrayBuffer, sizes, scalarType: info.scalarType };
}

function bytesOf({ scalarType }: TensorInfo, sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, arrayTypeOf(scalarType).BYTES_PER_ELEMENT);
}

function elements({ dataPtr, scalarType }: TensorPtr): number[] {
  return Array.from(new (arrayTypeOf(scalarType))(dataPtr as ArrayBuffer), Number);
}

function toJson(tensor: TensorPtr) {
  const { sizes, scalarType } = tensor;
  return { sizes, scalarType, data: elements(tensor) };
}

async function writeOutputs(
  folder: string,
  outputs: TensorPtr[],
  force: boolean,
): Promise<string[]> {
  const files: string[] = [];
  for (const [i, { dataPtr }] of outputs.entries()) {
    const bytes = new Uint8Array(dataPtr as ArrayBuffer);
    files.push(await writeOutput(folder, `output-${i}.bin`, bytes, force));
  }
  return files;
}

function printOutputs(outputs: TensorPtr[], milliseconds: number): void {
  print(`ran in ${milliseconds.toFixed(1)} ms`);
  outputs.forEach((tensor, i) => {
    const values = elements(tensor);
    let [least, most, sum] = [Infinity, -Infinity, 0];
    for (const value of values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
      sum += value;
    }
    const range = `min ${least}, max ${most}, mean ${sum / values.length}`;
    print(`output ${i}  [${tensor.sizes.join(', ')}]  ${range}`);
    print(`  ${values.slice(0, 8).join(' ')}${values.length > 8 ? ' …' : ''}`);
  });
}

function printProfile(operators: { name: string; microseconds: number }[]): void {
  const byName = new Map<string, { count: number; microseconds: number }>();
  for (const { name, microseconds } of operators) {
    const sum = byName.get(name) ?? { count: 0, microseconds: 0 };
    byName.set(name, { count: sum.count + 1, microseconds: sum.microseconds + microseconds });
  }
  const rows = [...byName].sort(([, a], [, b]) => b.microseconds - a.microseconds);
  for (const [name, { count, microseconds }] of rows) {
    print(
      `${(microseconds / 1000).toFixed(2).padStart(9)} ms  ${String(count).padStart(4)} ×  ${name}`,
    );
  }
}
