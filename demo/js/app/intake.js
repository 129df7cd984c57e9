/** Files that are dropped or pasted anywhere on the page go to the panel that is shown. */
import { byId } from '../lib/dom.js';

let receiver = {};

/** @param next {picture(blob, name), model(file)}: what the panel takes. */
export function receiveFiles(next) {
  receiver = next;
}

export const isModelFile = ({ name = '' }) => /\.(pte|tflite)$/i.test(name);

function take(files) {
  const model = files.find(isModelFile);
  if (model) return receiver.model?.(model);
  for (const file of files) receiver.picture?.(file, file.name || 'pasted picture');
}

export function initIntake() {
  const overlay = byId('drop');
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  const show = (isActive) => overlay.classList.toggle('active', isActive);
  window.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(true);
  });
  window.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) show(false);
  });
  window.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(false);
    take([...event.dataTransfer.files]);
  });
  window.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) take(files);
  });
}
