/** The device's camera. */

const REASONS = {
  NotAllowedError: 'the page may not use it',
  NotFoundError: 'this device has none',
  // What WebKit says of a device without one.
  OverconstrainedError: 'this device has none',
};

/** Starts the camera on a <video>; resolves to a function that ends it. */
export async function startCamera(video) {
  const wanted = { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: 'environment' };
  const stream = await navigator.mediaDevices
    .getUserMedia({ video: wanted, audio: false })
    .catch((cause) => {
      const reason = REASONS[cause.name] ?? cause.message;
      throw new Error(`The camera cannot be opened: ${reason}.`, { cause });
    });
  video.srcObject = stream;
  video.muted = true;
  video.playsInline = true;
  await video.play();
  return () => {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
}
