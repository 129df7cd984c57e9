// The page of hooks.test.mjs: a list of classifiers that the test changes and reads through `window.app`.
import { StrictMode, createElement, createRoot, version } from 'react';
import * as ew from 'executorch-web';

const models = new Map();

/** Workers of the package that have not been ended; each does harm to itself when it is told to. */
const live = new Set();
const HARM = `addEventListener('message', (event) => {
  if (event.data?.harm === undefined) return;
  event.stopImmediatePropagation();
  if (event.data.harm === 'close') self.close();
  else setTimeout(() => { throw new Error('test crash'); });
});`;
const { Worker } = window;
window.Worker = class extends Worker {
  constructor(address, options) {
    const code = `${HARM} import(${JSON.stringify(String(address))});`;
    super(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), options);
    live.add(this);
  }
  terminate() {
    live.delete(this);
    super.terminate();
  }
};

function Classifier({ id, source, preventLoad, queue }) {
  const model = ew.useClassification({ model: { modelSource: source }, preventLoad, queue });
  models.set(id, model);
  return createElement('p', { id }, JSON.stringify(state(model)));
}

const state = ({ error, isReady, isGenerating, downloadProgress }) => ({
  error,
  isReady,
  isGenerating,
  downloadProgress,
});

const root = createRoot(document.getElementById('root'));

window.app = {
  version,
  /** Shows one classifier for each {id, source, preventLoad, queue}. */
  show(list) {
    for (const id of models.keys()) if (!list.some((props) => props.id === id)) models.delete(id);
    const children = list.map((props) => createElement(Classifier, { key: props.id, ...props }));
    root.render(createElement(StrictMode, null, children));
  },
  workers: () => live.size,
  harm: (harm) => [...live][0].postMessage({ harm }),
  state: (id) => state(models.get(id)),
  /** The best label, or the error's code and message. */
  async best(id, picture) {
    try {
      const scores = await models.get(id).forward(picture);
      return Object.keys(scores)[0];
    } catch (error) {
      return { code: ew.errorCodeName(error.code), message: error.message };
    }
  },
};
