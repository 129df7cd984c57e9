/** Runs a hook's model on a video and keeps the newest result as state. */
import { useEffect, useState, type RefObject } from 'react';
import { toExecutorchError, type ExecutorchError } from '../base/errors.js';
import type {
  VideoCallback,
  VideoFrameInfo,
  VideoOptions,
  VideoSource,
  VideoTotals,
} from '../video/types.js';
import { modelKey } from './model-key.js';

/** What can run on videos: the result of a hook such as useClassification, or a loaded module. */
export interface VideoModel<Result, Options extends VideoOptions = VideoOptions> {
  /** The module's function of this name, as {@link ClassificationModule.runOnVideo}. */
  readonly runOnVideo: (
    source: VideoSource,
    callback: VideoCallback<Result>,
    options?: Options,
  ) => Promise<VideoTotals>;
  /** Whether the model is loaded; what does not say is. */
  readonly isReady?: boolean;
}

/** Options of {@link useVideo}: those of the model's runOnVideo(), compared by value, and whether to run. */
export type UseVideoOptions<Options extends VideoOptions> = Omit<Options, 'signal' | 'onCamera'> & {
  /** False stops, and releases the camera. Default true. */
  enabled?: boolean;
};

/** What {@link useVideo} returns. */
export interface UseVideoResult<Result> {
  /** The newest result; undefined before the first. */
  readonly result: Result | undefined;
  /** About its frame. */
  readonly frame: VideoFrameInfo | undefined;
  /** Why it does not run any more; null while it does. */
  readonly error: ExecutorchError | null;
  /** True from the start of a run to its end. */
  readonly isRunning: boolean;
}

/**
 * Runs a model on a video for as long as the component is there: `useVideo(useClassification({ model }), videoRef)`. The
 * component renders once per result.
 *
 * @param source A ref of a `<video>`, or any {@link VideoSource}. Null or undefined: nothing runs.
 * @param options With `camera`, the camera is opened, and shown in the `<video>` of the ref.
 *
 * @group Hooks
 */
export function useVideo<Result, Options extends VideoOptions>(
  model: VideoModel<Result, Options>,
  source: RefObject<HTMLVideoElement | null> | VideoSource | null | undefined,
  options: UseVideoOptions<Options> = {} as UseVideoOptions<Options>,
): UseVideoResult<Result> {
  const [state, setState] = useState<UseVideoResult<Result>>(IDLE);
  const { runOnVideo, isReady = true } = model;
  const key = modelKey(options);
  useEffect(() => {
    const { enabled = true, ...given } = options;
    const target = targetOf(source, given.camera !== undefined);
    if (!isReady || !enabled || !target.source) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const change = (part: Partial<UseVideoResult<Result>>) => {
      if (!signal.aborted) setState((before) => ({ ...before, ...part }));
    };
    change({ error: null, isRunning: true });
    const show: VideoCallback<Result> = (result, frame) => change({ result, frame });
    const all = { ...given, signal, onCamera: target.onCamera } as unknown as Options;
    runOnVideo.call(model, target.source, show, all).then(
      () => change({ isRunning: false }),
      (error: unknown) => change({ isRunning: false, error: toExecutorchError(error) }),
    );
    return () => {
      controller.abort();
      target.clear();
      setState(IDLE);
    };
    // Options count by value, not by identity.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [runOnVideo, isReady, source, key]);
  return state;
}

const IDLE = /* @__PURE__ */ Object.freeze({
  result: undefined,
  frame: undefined,
  error: null,
  isRunning: false,
});

/** The source itself, and what to do with the stream of a camera that is opened. */
function targetOf(source: unknown, opensCamera: boolean) {
  const isRef = typeof source === 'object' && source !== null && 'current' in source;
  const video = isRef ? (source as RefObject<HTMLVideoElement | null>).current : undefined;
  const show = (stream: MediaStream | null) => {
    if (!video) return;
    video.srcObject = stream;
    if (stream) video.play().catch(() => undefined);
  };
  return {
    source: (isRef && !opensCamera ? video : opensCamera ? 'camera' : source) as VideoSource | null,
    onCamera: opensCamera && video ? show : undefined,
    clear: () => (opensCamera && video ? show(null) : undefined),
  };
}
