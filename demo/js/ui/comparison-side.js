/** One of the models that are compared: which one, and what it says. */
import { el } from '../lib/dom.js';
import { bars } from './bars.js';
import { classShares, paintClasses } from './class-map.js';
import { legend } from './legend.js';
import { modelBar } from './model-bar.js';
import { photoHint } from './photo-hint.js';

/** How the answer of a task is shown: {node, show(result, picture), clear()}. */
const VIEWS = { classification: scoresView, segmentation: mapView };

/**
 * @param title 'Left model' or 'Right model'. @param onPick called with the entry that was chosen.
 * @returns {node, trouble, show(result, picture), hint(entry, isOwnPicture), clear()}
 */
export function comparisonSide(title, session, onPick) {
  const view = VIEWS[session.name]();
  const trouble = el('div');
  const hint = photoHint(session.name, onPick);
  const node = el(
    'section',
    { class: 'card side', 'aria-label': title },
    el('h2', {}, title),
    modelBar(session, onPick),
    view.node,
    hint.node,
    trouble,
  );
  const clear = () => {
    view.clear();
    trouble.replaceChildren();
  };
  return { node, trouble, show: view.show, hint: hint.show, clear };
}

function scoresView() {
  const scores = bars();
  const show = (result) => scores.show(result.scores);
  return { node: scores.node, show, clear: () => scores.show([]) };
}

function mapView() {
  const image = el('img', { alt: '' });
  const canvas = el('canvas', { class: 'overlay' });
  const frame = el('figure', { class: 'stage' }, el('div', { class: 'frame' }, image, canvas));
  let result;
  const classes = legend((hidden) => result && paintClasses(canvas, result, hidden));
  const show = (found, picture) => {
    result = found;
    image.src = picture.address;
    paintClasses(canvas, found, classes.hidden);
    classes.show(classShares(found), found.entry.labels);
  };
  const clear = () => {
    result = undefined;
    image.removeAttribute('src');
    canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
    classes.show([], []);
  };
  return { node: el('div', { class: 'stack' }, frame, classes.node), show, clear };
}
