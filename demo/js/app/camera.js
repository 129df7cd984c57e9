/** The device's camera. */

/** Starts the camera on a <video>; resolves to a function that ends it. */
export async function startCamera(video) {
  const wanted = { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: 'environment' };
  const stream = await navigator.mediaDevices
    .getUserMedia({ video: wanted, audio: false })
    .catch((cause) => {
      const denied = cause.name === 'NotAllowedError';
      const reason = denied ? 'the page may not use it' : cause.message;
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
