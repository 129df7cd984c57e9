import { startCamera } from '../app/camera.js';
import { el, icon } from '../lib/dom.js';
import { openDialog } from './dialog.js';

/** Shows the camera in a dialog and hands on a still picture. */
export async function takePicture(onPicture) {
  const video = el('video', { class: 'viewfinder', 'aria-label': 'Camera' });
  const stop = await startCamera(video);
  openDialog(
    'Take a picture',
    (close) => {
      const take = async () => {
        const blob = await still(video);
        close();
        onPicture(blob, 'camera picture');
      };
      const button = el(
        'button',
        { type: 'button', class: 'primary', onclick: take },
        icon('camera'),
        'Take picture',
      );
      return el('div', { class: 'stack' }, video, el('div', { class: 'row' }, button));
    },
    { onClose: stop },
  );
}

function still(video) {
  const canvas = el('canvas', { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext('2d').drawImage(video, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
