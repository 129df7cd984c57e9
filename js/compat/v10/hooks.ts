/** 0.10's hooks: a download, a model made from it, and what the model can do. */
import { useEffect, useState } from 'react';
import { toExecutorchError } from '../../base/errors.js';
import { tellStrangeNames } from '../../base/strange-names.js';
import { modelKey } from '../../hooks/model-key.js';
import { download } from './download.js';
import { isRnExecuTorchError } from './errors.js';
import {
  createClassifier,
  createImageEmbedder,
  createSemanticSegmenter,
  createTextEmbedder,
  type Classifier,
  type ClassifierModel,
  type ImageEmbedder,
  type ImageEmbedderModel,
  type SemanticSegmenter,
  type SemanticSegmenterModel,
  type TextEmbedder,
  type TextEmbedderModel,
} from './tasks.js';

/** Options of loading. */
export interface ResourceOptions {
  /** True keeps the files from being fetched. Default false. */
  readonly preventLoad?: boolean;
  /** True: what is stored is fetched again. Default false. */
  readonly forceDownload?: boolean;
}

interface Fetched<T> {
  key: string;
  resource?: T;
  downloadProgress: number;
  downloadError?: Error;
}

/** Stores the files of a description; `downloadProgress` is 0..100. The description is compared by value. */
export function useResourceDownload<T>(config: T | undefined, options: ResourceOptions = {}) {
  const { preventLoad = false, forceDownload = false } = options;
  tellStrangeNames('A hook', options, ['preventLoad', 'forceDownload']);
  const key = `${modelKey(config)} ${preventLoad} ${forceDownload}`;
  const start = (): Fetched<T> => ({ key, downloadProgress: 0 });
  const [state, setState] = useState(start);
  useEffect(() => {
    if (config === undefined || preventLoad) return;
    const abort = new AbortController();
    const report = (next: Partial<Fetched<T>>) => {
      if (abort.signal.aborted) return;
      setState((before) => ({ ...(before.key === key ? before : start()), ...next }));
    };
    download(config, {
      signal: abort.signal,
      forceDownload,
      onProgress: (progress) => report({ downloadProgress: progress * 100 }),
    }).then(
      (resource) => report({ resource, downloadProgress: 100 }),
      (error: unknown) => {
        if (isRnExecuTorchError(error, 'DOWNLOAD_ABORTED')) return;
        report({ downloadError: error instanceof Error ? error : toExecutorchError(error) });
      },
    );
    return () => abort.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `key` stands for the description and the options
  }, [key]);
  const { resource, downloadProgress, downloadError } = state.key === key ? state : start();
  return { resource, downloadProgress, downloadError };
}

interface Made<Model> {
  key: string;
  model?: Model;
  error?: Error;
}

/** Makes a model when its description is there, makes another when it changes, and disposes of it. */
export function useModel<Config, Model extends { dispose: () => void }>(
  createModel: (config: Config) => Promise<Model>,
  config: Config | undefined,
) {
  const key = modelKey(config);
  const [state, setState] = useState<Made<Model>>({ key });
  useEffect(() => {
    if (config === undefined) return;
    let isMounted = true;
    let made: Model | undefined;
    // What fails at once is an error of the model, too; it must not end the app.
    const making = (async () => createModel(config))();
    making.then(
      (model) => {
        if (!isMounted) return model.dispose();
        made = model;
        setState({ key, model });
      },
      (error: unknown) => {
        if (!isMounted) return;
        setState({ key, error: error instanceof Error ? error : toExecutorchError(error) });
      },
    );
    return () => {
      isMounted = false;
      made?.dispose();
      setState({ key: '' });
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- factories are functions of modules; `key` stands for the description
  }, [key]);
  const { model, error } = state.key === key ? state : ({} as Made<Model>);
  return { model, error };
}

function useTask<Config, Model extends { dispose: () => void }>(
  create: (config: Config) => Promise<Model>,
  config: Config,
  options: ResourceOptions | undefined,
) {
  const { resource, downloadProgress, downloadError } = useResourceDownload(config, options);
  const { model, error } = useModel(create, resource);
  return { model, isReady: !!model, error: downloadError ?? error, downloadProgress, resource };
}

/** Classification of ImageBuffers. */
export function useClassifier<L = string>(config: ClassifierModel<L>, options?: ResourceOptions) {
  const { model, ...state } = useTask<ClassifierModel<L>, Classifier<L>>(
    createClassifier,
    config,
    options,
  );
  const { classify, classifyWorklet } = model ?? {};
  return { ...state, labels: config.modelOpts.labels, classify, classifyWorklet };
}

/** Segmentation of ImageBuffers. */
export function useSemanticSegmenter<L extends PropertyKey = string>(
  config: SemanticSegmenterModel<L>,
  options?: ResourceOptions,
) {
  const { model, ...state } = useTask<SemanticSegmenterModel<L>, SemanticSegmenter<L>>(
    createSemanticSegmenter,
    config,
    options,
  );
  const { segment, segmentWorklet } = model ?? {};
  return { ...state, labels: config.modelOpts.labels, segment, segmentWorklet };
}

/** Embeddings of ImageBuffers. */
export function useImageEmbedder(config: ImageEmbedderModel, options?: ResourceOptions) {
  const { model, ...state } = useTask<ImageEmbedderModel, ImageEmbedder>(
    createImageEmbedder,
    config,
    options,
  );
  const { embed, embedWorklet } = model ?? {};
  return { ...state, embed, embedWorklet };
}

/** Embeddings of texts. */
export function useTextEmbedder(config: TextEmbedderModel, options?: ResourceOptions) {
  const { model, ...state } = useTask<TextEmbedderModel, TextEmbedder>(
    createTextEmbedder,
    config,
    options,
  );
  const { embed, embedWorklet } = model ?? {};
  return { ...state, embed, embedWorklet };
}
