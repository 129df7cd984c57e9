/** Which pixels belong to what? */
import { currentPicture } from '../app/picture.js';
import { sessions } from '../app/session.js';
import { taskPanel } from '../app/task-panel.js';
import { announce, el } from '../lib/dom.js';
import { formatPercent } from '../lib/format.js';
import { classShares, paintClasses } from '../ui/class-map.js';
import { legend } from '../ui/legend.js';
import { opacityControl } from '../ui/opacity.js';
import { probe } from '../ui/probe.js';
import { taskLayout } from '../ui/task-layout.js';
import { timingPanel } from '../ui/timing.js';

export function mount(container) {
  const session = sessions.segmentation;
  const image = el('img', { alt: '' });
  const canvas = el('canvas', { class: 'overlay' });
  const frame = el(
    'div',
    { class: 'frame', tabindex: 0, role: 'application', 'aria-label': 'Class map' },
    image,
    canvas,
  );
  const pointer = probe(frame);
  const trouble = el('div');
  const timing = timingPanel(session, () => currentPicture.value);
  let result;
  const classes = legend((hidden) => paintClasses(canvas, result, hidden));

  const show = (found) => {
    result = found;
    const { labels } = found.entry;
    const shares = classShares(found);
    paintClasses(canvas, found, classes.hidden);
    classes.show(shares, labels);
    pointer.show(found, labels);
    const text = shares.map(({ index, share }) => `${labels[index]} ${formatPercent(share)}`);
    announce(text.slice(0, 5).join(', '));
  };
  const clear = () => {
    canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
    classes.show([], []);
  };
  const panel = taskPanel(session, { trouble, timing }, show, clear);
  currentPicture.watch((picture) => {
    if (!picture) return;
    image.src = picture.address;
    image.alt = picture.name;
    // The map of the picture before says nothing about this one.
    clear();
  });
  const below = el('div', { class: 'row spread' }, pointer.node, opacityControl(canvas));
  const shown = ['Classes', classes.node];
  container.append(...taskLayout(session, panel, { frame, below, result: shown, trouble, timing }));
  return panel;
}
