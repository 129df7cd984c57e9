/** executorch-web benchmark: what a model costs on this machine, in the way of TensorFlow Lite's benchmark tool. */
import { configure } from '../base/config.js';
import { VARIANTS, type Variant } from '../base/probes.js';
import { ExecutorchModule, type TensorPtr } from '../modules/ExecutorchModule.js';
import { UsageError, modelOf, numberOption, parse } from './options.js';
import { filled } from './tensors.js';
import { printJson } from './text.js';

/** Milliseconds of a series of runs. */
interface Statistics {
  runs: number;
  mean: number;
  min: number;
  median: number;
  p95: number;
  max: number;
  standardDeviation: number;
}

/** Time of all operators of one name in one run, in milliseconds. */
interface OperatorShare {
  name: string;
  count: number;
  milliseconds: number;
}

interface Report {
  model: string;
  format: string;
  variant: Variant;
  threads: number;
  load: number;
  firstRun: number;
  warmUp: Statistics;
  steady: Statistics;
  memory: { heapBytes: number; packedBytes: number; plannedBytes: number };
  operators: OperatorShare[];
}

export async function benchmarkCommand(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    runs: { type: 'string', default: '50' },
    'warm-up': { type: 'string', default: '5' },
    threads: { type: 'string', default: '1' },
    variant: { type: 'string' },
    method: { type: 'string' },
    data: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`one MODEL at a time, got '${more[0]}' too`);
  const model = await modelOf(name, values.data);
  configure({
    threads: numberOption('threads', values.threads),
    variant: values.variant === undefined ? undefined : variantOption(values.variant),
  });
  const counts = {
    warmUp: numberOption('warm-up', values['warm-up']),
    runs: numberOption('runs', values.runs),
  };
  const report = await measure(name!, model, values.method, counts);
  if (values.json) printJson(report, 2);
  else print(report);
  return 0;
}

function variantOption(text: string): Variant {
  const variant = VARIANTS.find((known) => known === text);
  if (variant) return variant;
  throw new UsageError(`--variant is one of ${VARIANTS.join(', ')}, got '${text}'`);
}

async function measure(
  model: string,
  source: Parameters<ExecutorchModule['load']>[0],
  method: string | undefined,
  counts: { warmUp: number; runs: number },
): Promise<Report> {
  const module = new ExecutorchModule();
  await module.load(source, undefined, { method });
  const info = module.info!;
  const { variant, threads, loadTime } = module.loadReport!;
  const inputs = info.inputs.map((input) => filled(input, 1));
  const [firstRun] = await series(module, inputs, 1);
  const warmUp = statistics(await series(module, inputs, counts.warmUp));
  const steady = statistics(await series(module, inputs, counts.runs));
  const heapBytes = await module.memoryUse();
  const { packedBytes, plannedBytes } = info.memory;
  module.delete();
  /* Times of operators cost time themselves: a second model takes them. */
  const operators = await profile(source, method, inputs);
  return {
    model,
    format: info.format,
    variant,
    threads,
    load: loadTime,
    firstRun: firstRun!,
    warmUp,
    steady,
    memory: { heapBytes, packedBytes, plannedBytes },
    operators,
  };
}

async function series(module: ExecutorchModule, inputs: TensorPtr[], count: number) {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await module.forward(inputs);
    times.push(performance.now() - start);
  }
  return times;
}

/** @param times at least one. */
export function statistics(times: readonly number[]): Statistics {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length;
  return {
    runs: times.length,
    mean,
    min: sorted[0]!,
    median: at(0.5),
    p95: at(0.95),
    max: sorted.at(-1)!,
    standardDeviation: Math.sqrt(variance),
  };
}

async function profile(
  source: Parameters<ExecutorchModule['load']>[0],
  method: string | undefined,
  inputs: TensorPtr[],
): Promise<OperatorShare[]> {
  const module = new ExecutorchModule();
  await module.load(source, undefined, { method, profile: true });
  for (let i = 0; i < 3; i++) await module.forward(inputs);
  const byName = new Map<string, OperatorShare>();
  for (const { name, microseconds } of await module.profile()) {
    const share = byName.get(name) ?? { name, count: 0, milliseconds: 0 };
    share.count++;
    share.milliseconds += microseconds / 1000;
    byName.set(name, share);
  }
  module.delete();
  return [...byName.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}

const ms = (value: number) => `${value.toFixed(2)} ms`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

function print(report: Report): void {
  const { model, format, variant, threads, load, firstRun, warmUp, steady, memory } = report;
  console.log(`${model} (${format}), ${variant}, ${threads} thread${threads === 1 ? '' : 's'}`);
  console.log(`load        ${ms(load)}`);
  console.log(`first run   ${ms(firstRun)}`);
  console.log(`warm-up     ${ms(warmUp.mean)} on average of ${warmUp.runs}`);
  console.log(
    `steady      ${ms(steady.mean)} on average of ${steady.runs}: min ${ms(steady.min)}, median ` +
      `${ms(steady.median)}, p95 ${ms(steady.p95)}, standard deviation ${ms(steady.standardDeviation)}`,
  );
  console.log(
    `memory      ${megabytes(memory.heapBytes)} of heap: packed weights ${megabytes(memory.packedBytes)}, ` +
      `working memory ${megabytes(memory.plannedBytes)}`,
  );
  console.log('operators of one run');
  for (const { name, count, milliseconds } of report.operators) {
    console.log(
      `${milliseconds.toFixed(3).padStart(10)} ms  ${String(count).padStart(4)} ×  ${name}`,
    );
  }
}
