/** @jest-environment jsdom */
import { afterEach, expect, test } from '@jest/globals';
import { act, cleanup, render } from '@testing-library/react';
import { StrictMode, useEffect, useRef } from 'react';
import { ErrorCode, ExecutorchError } from '../../js/base/errors.js';
import { useVideo, type UseVideoResult, type VideoModel } from '../../js/hooks/useVideo.js';
import type { VideoOptions } from '../../js/video/types.js';

interface Run {
  source: unknown;
  options: VideoOptions & { topk?: number };
  show: (result: string) => void;
  end: (error?: Error) => void;
}

/** A model whose runs the test plays. */
function fakeModel(isReady = true) {
  const runs: Run[] = [];
  const model: VideoModel<string, VideoOptions & { topk?: number }> = {
    isReady,
    runOnVideo: (source, callback, options = {}) =>
      new Promise((resolve, reject) => {
        const totals = { results: 0, dropped: 0, seconds: 0 };
        runs.push({
          source,
          options,
          show: (result) => void callback(result, { mediaTime: 1 } as never),
          end: (error) => (error ? reject(error) : resolve(totals)),
        });
      }),
  };
  return { model, runs, alive: () => runs.filter(({ options }) => !options.signal?.aborted) };
}

/** What the component saw last. */
const seen: UseVideoResult<string>[] = [];

afterEach(cleanup);

function Viewer({
  model,
  ...options
}: { model: VideoModel<string, VideoOptions & { topk?: number }> } & Record<string, unknown>) {
  const ref = useRef<HTMLVideoElement>(null);
  const result = useVideo(model, ref, options);
  useEffect(() => void (seen[0] = result));
  return <video ref={ref} />;
}

test('runs once the model is ready, shows the newest result, ends with the component', () => {
  const { model, runs, alive } = fakeModel(false);
  const view = render(<Viewer model={model} topk={3} />);
  expect(runs).toHaveLength(0);
  view.rerender(<Viewer model={{ ...model, isReady: true }} topk={3} />);
  expect(runs).toHaveLength(1);
  expect(runs[0]!.source).toBeInstanceOf(HTMLVideoElement);
  expect(runs[0]!.options).toMatchObject({ topk: 3 });
  expect(seen[0]).toMatchObject({ isRunning: true, result: undefined, error: null });
  act(() => runs[0]!.show('cat'));
  act(() => runs[0]!.show('dog'));
  expect(seen[0]).toMatchObject({ result: 'dog', frame: { mediaTime: 1 } });
  view.unmount();
  expect(alive()).toHaveLength(0);
});

test('equal options do not start anew, other ones do, and enabled: false stops', () => {
  const { model, runs, alive } = fakeModel();
  const view = render(<Viewer model={model} maxRate={5} region={{ x: 0, y: 0 }} />);
  view.rerender(<Viewer model={model} maxRate={5} region={{ x: 0, y: 0 }} />);
  expect(runs).toHaveLength(1);
  view.rerender(<Viewer model={model} maxRate={9} />);
  expect(runs).toHaveLength(2);
  expect(alive()).toHaveLength(1);
  view.rerender(<Viewer model={model} maxRate={9} enabled={false} />);
  expect(alive()).toHaveLength(0);
  expect(seen[0]).toMatchObject({ isRunning: false, result: undefined });
});

test('StrictMode leaves one run', () => {
  const { model, alive } = fakeModel();
  render(
    <StrictMode>
      <Viewer model={model} />
    </StrictMode>,
  );
  expect(alive()).toHaveLength(1);
});

test('errors become state; results of an ended run do not', async () => {
  const { model, runs } = fakeModel();
  const view = render(<Viewer model={model} />);
  await act(async () => runs[0]!.end(new ExecutorchError(ErrorCode.AccessFailed)));
  expect(seen[0]).toMatchObject({ isRunning: false, error: { code: ErrorCode.AccessFailed } });
  view.rerender(<Viewer model={model} maxRate={2} />);
  expect(seen[0]!.error).toBeNull();
  act(() => runs[0]!.show('late'));
  act(() => runs[1]!.show('mine'));
  expect(seen[0]!.result).toBe('mine');
});

test('camera: the camera is opened and shown in the element', () => {
  const { model, runs } = fakeModel();
  HTMLMediaElement.prototype.play = () => Promise.resolve();
  const view = render(<Viewer model={model} camera={{ facingMode: 'user' }} />);
  expect(runs[0]).toMatchObject({ source: 'camera', options: { camera: { facingMode: 'user' } } });
  const video = view.container.querySelector('video')!;
  const stream = {} as MediaStream;
  act(() => runs[0]!.options.onCamera!(stream));
  expect(video.srcObject).toBe(stream);
  view.unmount();
  expect(video.srcObject).toBeNull();
});
