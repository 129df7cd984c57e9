/** The device's camera, for a run that opens it itself. */
import { ErrorCode, ExecutorchError, toExecutorchError } from '../base/errors.js';

/** Enough for the models that phones run, and little to copy. */
const USUAL: MediaTrackConstraints = {
  facingMode: 'environment',
  width: { ideal: 640 },
  height: { ideal: 480 },
};

/**
 * Opens the camera. When `signal` aborts while the user is asked, it is released as soon as it is there.
 *
 * @throws ExecutorchError PlatformNotSupported, AccessFailed (refused, in use), NotFound (no such device).
 */
export async function openCamera(
  wanted: MediaTrackConstraints = USUAL,
  signal: AbortSignal,
): Promise<MediaStream> {
  const devices = globalThis.navigator?.mediaDevices as MediaDevices | undefined;
  if (typeof devices?.getUserMedia !== 'function') {
    const message =
      'There is no camera here: browsers give it to pages of https: and localhost only.';
    throw new ExecutorchError(ErrorCode.PlatformNotSupported, message);
  }
  const stream = await devices.getUserMedia({ video: wanted, audio: false }).catch(refused);
  if (signal.aborted) releaseStream(stream);
  return stream;
}

/** Ends all tracks: the camera's light goes out. */
export function releaseStream(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

const REASONS: Record<string, [ErrorCode, string]> = {
  NotAllowedError: [
    ErrorCode.AccessFailed,
    'the user or the browser does not allow this page to use it',
  ],
  SecurityError: [ErrorCode.AccessFailed, 'the browser does not allow this page to use it'],
  NotReadableError: [ErrorCode.AccessFailed, 'it does not answer; another program may be using it'],
  AbortError: [ErrorCode.AccessFailed, 'it does not answer; another program may be using it'],
  NotFoundError: [ErrorCode.NotFound, 'this device has none'],
  OverconstrainedError: [ErrorCode.NotFound, 'this device has none that fits the constraints'],
};

function refused(cause: unknown): never {
  const found = REASONS[(cause as Error | undefined)?.name ?? ''];
  if (!found) throw toExecutorchError(cause, ErrorCode.AccessFailed, 'The camera cannot be opened');
  const [code, reason] = found;
  throw new ExecutorchError(code, `The camera cannot be opened: ${reason}.`, { cause });
}
