/** A person before a blurred background. */
import { el } from '../lib/dom.js';

/** Blur in shares of the picture's width. */
const BLUR = 1 / 60;
/** Sides of the picture from which a browser without filters for canvases blurs: small, then enlarged. */
const TINY = 24;

const mask = el('canvas');
const small = el('canvas', { width: TINY, height: TINY });

/** Paints the frame that the video shows over it: what is no person, by probability, is blurred. */
export function paintBackground(canvas, video, { planes, classes, width, height }) {
  const [w, h] = [video.videoWidth, video.videoHeight];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  paintMask(planes[1] ?? classes, width, height);
  const context = canvas.getContext('2d');
  context.globalCompositeOperation = 'copy';
  context.drawImage(mask, 0, 0, w, h);
  context.globalCompositeOperation = 'source-in';
  context.drawImage(video, 0, 0, w, h);
  context.globalCompositeOperation = 'destination-over';
  drawBlurred(context, video, w, h);
  context.globalCompositeOperation = 'source-over';
}

/** Alpha is how probable a person is at each pixel. */
function paintMask(person, width, height) {
  [mask.width, mask.height] = [width, height];
  const context = mask.getContext('2d');
  const image = context.createImageData(width, height);
  for (let i = 0; i < person.length; i++) image.data[4 * i + 3] = 255 * person[i];
  context.putImageData(image, 0, 0);
}

function drawBlurred(context, video, width, height) {
  if ('filter' in context) {
    context.filter = `blur(${Math.round(width * BLUR)}px)`;
    context.drawImage(video, 0, 0, width, height);
    context.filter = 'none';
    return;
  }
  small.getContext('2d').drawImage(video, 0, 0, TINY, TINY);
  context.imageSmoothingQuality = 'high';
  context.drawImage(small, 0, 0, width, height);
}
