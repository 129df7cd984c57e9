/** Files that are dropped or pasted anywhere on the page go to the panel that is shown. */
import { byId } from '../lib/dom.js';

let receiver = {};
/** A model that was opened for the panel that is shown next. */
let waiting;

/** What the library advises for a model of another task → the tab that does it. */
const TABS = [
  { advice: 'ClassificationModule', tab: 'classify', title: 'Classify' },
  { advice: 'ImageSegmentationModule', tab: 'segment', title: 'Segment' },
  { advice: 'ImageEmbeddingsModule', tab: 'embed', title: 'Embed' },
];

/** Tabs that can do something with a model that was refused with this error. */
export const tabsFor = ({ message = '' }) => TABS.filter(({ advice }) => message.includes(advice));

/** Shows a tab, and gives it a model: a file, or its address. */
export function openModel(tab, source) {
  waiting = source;
  location.hash = tab;
}

/** @param next {picture(blob, name), model(file)}: what the panel takes. */
export function receiveFiles(next) {
  receiver = next;
  const model = waiting;
  waiting = undefined;
  if (model !== undefined) receiver.model?.(model);
}

const isModelFile = ({ name = '' }) => /\.(pte|tflite)$/i.test(name);

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
