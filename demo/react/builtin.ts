/** The models and pictures of drawn things, which models.json lists with the others. */

export interface BuiltinModel {
  modelSource: string;
  labels?: string[];
}

export interface Sample {
  address: string;
  name: string;
}

export interface Builtin {
  classification: BuiltinModel;
  segmentation: BuiltinModel;
  embeddings: BuiltinModel;
  samples: Sample[];
}

type Task = 'classification' | 'segmentation' | 'embeddings';

interface Listing {
  builtin: { task: Task; file: string; group: string; labels?: string[] }[];
  samples: { file: string; name: string; isPhoto?: boolean }[];
}

const at = (path: string) => new URL(`models/${path}`, document.baseURI).href;

export async function loadBuiltin(): Promise<Builtin> {
  const response = await fetch('models.json');
  const { builtin, samples } = (await response.json()) as Listing;
  const first = (task: Task): BuiltinModel => {
    const model = builtin.find((one) => one.task === task && one.group === 'drawn');
    if (!model) throw new Error(`There is no built-in model for ${task}.`);
    const { file, labels } = model;
    return labels ? { modelSource: at(file), labels } : { modelSource: at(file) };
  };
  return {
    classification: first('classification'),
    segmentation: first('segmentation'),
    embeddings: first('embeddings'),
    samples: samples
      .filter(({ isPhoto }) => !isPhoto)
      .map(({ file, name }) => ({ address: at(file), name })),
  };
}
