/** What the panels of classification and segmentation look like: picture left, result and timing right. */
import { currentPicture, isOwnPicture, makePicture, showPicture } from '../app/picture.js';
import { el } from '../lib/dom.js';
import { modelBar } from './model-bar.js';
import { photoHint } from './photo-hint.js';
import { pictureSource } from './picture-source.js';

/**
 * @param parts.frame element with the picture; parts.below what stands between it and the samples.
 * @param parts.result [title, node] of the result; parts.trouble place for failures; parts.timing panel.
 */
export function taskLayout(session, panel, { frame, below, result, trouble, timing }) {
  const [title, node] = result;
  const choose = (source, name) => showPicture(makePicture(source, name));
  const hint = photoHint(session.name, panel.pick);
  const update = () => {
    const picture = currentPicture.value;
    void hint.show(session.state.value.entry, picture && isOwnPicture(picture));
  };
  currentPicture.watch(update);
  session.state.watch(update);
  const image = frame.querySelector('img');
  image.addEventListener('error', () => (image.hidden = true));
  image.addEventListener('load', () => (image.hidden = false));
  const left = [
    el('figure', { class: 'stage' }, frame),
    below,
    pictureSource(choose, { task: session.name, current: currentPicture }),
  ];
  const right = [
    el(
      'section',
      { class: 'card result', 'aria-label': 'Result' },
      el('h2', {}, title),
      node,
      hint.node,
      trouble,
    ),
    timing.node,
  ];
  return [
    modelBar(session, panel.pick),
    el('div', { class: 'split task' }, el('div', {}, left), el('div', {}, right)),
  ];
}
