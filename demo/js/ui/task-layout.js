/** What the panels of classification and segmentation look like: picture left, result and timing right. */
import { currentPicture, makePicture, showPicture } from '../app/picture.js';
import { el } from '../lib/dom.js';
import { modelBar } from './model-bar.js';
import { pictureSource } from './picture-source.js';

/**
 * @param parts.frame element with the picture; parts.below what stands between it and the samples.
 * @param parts.result [title, node] of the result; parts.trouble place for failures; parts.timing panel.
 */
export function taskLayout(session, panel, { frame, below, result, trouble, timing }) {
  const [title, node] = result;
  const choose = (source, name) => showPicture(makePicture(source, name));
  const left = [
    el('figure', { class: 'stage' }, frame),
    below,
    pictureSource(choose, { task: session.name, current: currentPicture }),
  ];
  const right = [
    el('section', { class: 'card', 'aria-label': 'Result' }, el('h2', {}, title), node, trouble),
    timing.node,
  ];
  return [
    modelBar(session, panel.pick),
    el('div', { class: 'split' }, el('div', {}, left), el('div', {}, right)),
  ];
}
