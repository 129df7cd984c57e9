/** What is in the picture? */
import { currentPicture } from '../app/picture.js';
import { sessions } from '../app/session.js';
import { taskPanel } from '../app/task-panel.js';
import { announce, el } from '../lib/dom.js';
import { formatPercent, shortLabel } from '../lib/format.js';
import { bars } from '../ui/bars.js';
import { taskLayout } from '../ui/task-layout.js';
import { timingPanel } from '../ui/timing.js';

export function mount(container) {
  const session = sessions.classification;
  const image = el('img', { alt: '' });
  const trouble = el('div');
  const scores = bars();
  const timing = timingPanel(session, () => currentPicture.value);
  const show = ({ scores: found }) => {
    scores.show(found);
    const [{ label, score }] = found;
    announce(`${shortLabel(label)}, ${formatPercent(score)}`);
  };
  const panel = taskPanel(session, { trouble, timing }, show, () => scores.show([]));
  currentPicture.watch((picture) => {
    if (!picture) return;
    image.src = picture.address;
    image.alt = picture.name;
  });
  const frame = el('div', { class: 'frame' }, image);
  const result = ['What it sees', scores.node];
  container.append(...taskLayout(session, panel, { frame, result, trouble, timing }));
  return panel;
}
