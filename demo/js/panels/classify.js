/** What is in the picture? */
import { currentPicture, makePicture, showPicture } from '../app/picture.js';
import { sessions } from '../app/session.js';
import { taskPanel } from '../app/task-panel.js';
import { announce, el } from '../lib/dom.js';
import { formatPercent, shortLabel } from '../lib/format.js';
import { bars } from '../ui/bars.js';
import { modelBar } from '../ui/model-bar.js';
import { pictureSource } from '../ui/picture-source.js';
import { timingPanel } from '../ui/timing.js';

export function mount(container) {
  const session = sessions.classification;
  const image = el('img', { alt: '' });
  const trouble = el('div');
  const scores = bars();
  const timing = timingPanel(session, () => currentPicture.value);
  const panel = taskPanel(session, trouble, (result) => {
    scores.show(result.scores);
    timing.show(result);
    const [label, score] = Object.entries(result.scores)[0];
    announce(`${shortLabel(label)}, ${formatPercent(score)}`);
  });
  currentPicture.watch((picture) => {
    if (!picture) return;
    image.src = picture.address;
    image.alt = picture.name;
  });
  const choose = (source, name) => showPicture(makePicture(source, name));
  container.append(
    modelBar(session, panel.pick),
    el(
      'div',
      { class: 'split' },
      el(
        'div',
        {},
        el('figure', { class: 'stage' }, el('div', { class: 'frame' }, image)),
        pictureSource(choose, { task: session.name, current: currentPicture }),
      ),
      el(
        'div',
        {},
        el(
          'section',
          { class: 'card', 'aria-label': 'Result' },
          el('h2', {}, 'What it sees'),
          scores.node,
          trouble,
        ),
        timing.node,
      ),
    ),
  );
  return panel;
}
