/** Text encoders: which models are, and how tokens become their inputs. */
import { ScalarType } from '../base/scalar-type.js';
import type { ModelInfo, TensorData, TensorInfo } from '../core/types.js';
import { unfit } from './task.js';
import { isVector } from './tensors.js';

/** What is remembered of a loaded text encoder. */
export interface TextInputs {
  /** Type of each input: ids, and the attention mask where the model takes one. */
  readonly types: readonly ScalarType[];
  /** Most tokens that it takes. */
  readonly most: number;
  /** True when it takes any number of tokens up to `most`, false when it wants exactly as many. */
  readonly isDynamic: boolean;
}

const TYPES: Readonly<Record<string, ScalarType>> = { i64: ScalarType.LONG, i32: ScalarType.INT };

/**
 * Refuses models that are no text encoders: one or two inputs of integers [1, tokens], and a vector as output.
 *
 * @throws ExecutorchError InvalidConfig.
 */
export async function textInputsOf(info: ModelInfo): Promise<TextInputs> {
  const { inputs, outputs } = info;
  const [ids] = inputs;
  if (!ids || inputs.length > 2 || !inputs.every(isRow) || !isVector(outputs[0])) {
    throw await unfit(({ ofTextEncoder }) => ofTextEncoder(info));
  }
  const types = inputs.map(({ type }) => TYPES[type] ?? ScalarType.LONG);
  return { types, most: ids.sizes[1] ?? 0, isDynamic: ids.dynamic };
}

function isRow({ type, sizes }: TensorInfo): boolean {
  return type in TYPES && sizes.length === 2 && sizes[0] === 1;
}

/**
 * The model's inputs: ids and attention, 1 for what counts. A model of a fixed length gets `padding` behind the text.
 *
 * @param attendsZero False: a token whose id is 0 does not count, wherever it stands.
 */
export function textInputs(
  { types, most, isDynamic }: TextInputs,
  ids: readonly number[],
  padding: number,
  attendsZero: boolean,
): TensorData[] {
  const length = isDynamic ? ids.length : most;
  const row = Array.from({ length }, (_, i) => ids[i] ?? padding);
  const mask = Array.from({ length }, (_, i) =>
    i < ids.length && (attendsZero || ids[i] !== 0) ? 1 : 0,
  );
  return types.map((scalarType, i) => ({
    scalarType,
    sizes: [1, length],
    data: integers(i === 0 ? row : mask, scalarType),
  }));
}

function integers(values: readonly number[], type: ScalarType): ArrayBuffer {
  return type === ScalarType.LONG
    ? BigInt64Array.from(values, BigInt).buffer
    : Int32Array.from(values).buffer;
}
