// Other decoders: Chromium's createImageBitmap and libvips (sharp), both without colour management.
import { referencePixels } from '../lib/pictures.mjs';

/** In the page: {width, height, rgb} in base64, or {message}. */
async function decodeInPage(base64) {
  const bytes = Uint8Array.from(window.atob(base64), (c) => c.charCodeAt(0));
  const options = { premultiplyAlpha: 'none', colorSpaceConversion: 'none' };
  const bitmap = await window
    .createImageBitmap(new Blob([bytes]), { ...options, imageOrientation: 'from-image' })
    .catch((error) => ({ message: String(error) }));
  if (bitmap.message) return bitmap;
  const { width, height } = bitmap;
  // A texture keeps the colours under transparency, a canvas does not.
  const gl = new window.OffscreenCanvas(1, 1).getContext('webgl');
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  const texture = gl.getParameter(gl.TEXTURE_BINDING_2D);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const data = new Uint8Array(width * height * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  let rgb = '';
  for (let at = 0; at < data.length; at += 4)
    rgb += String.fromCharCode(...data.subarray(at, at + 3));
  return { width, height, rgb: window.btoa(rgb) };
}

/** What Chromium shows of a file: {width, height, rgb} or {message}. */
export async function byChromium(page, bytes) {
  const answer = await page.evaluate(decodeInPage, Buffer.from(bytes).toString('base64'));
  return answer.rgb
    ? { ...answer, rgb: new Uint8Array(Buffer.from(answer.rgb, 'base64')) }
    : answer;
}

/** What libvips makes of it: the same. */
export async function byLibvips(bytes) {
  return referencePixels(bytes, { upright: true }).catch((error) => ({
    message: String(error.message).split('\n')[0],
  }));
}
