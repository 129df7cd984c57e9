/** Two models, one picture: what each says, how large it is and how long it takes. */
import { ownModel, samplesFor } from '../app/catalog.js';
import { SIDES, agreement, firstPair, suitableSamples, warmUp } from '../app/comparison.js';
import { link, linked } from '../app/permalink.js';
import {
  currentPicture,
  isOwnPicture,
  makePicture,
  showLinkedPicture,
  showPicture,
} from '../app/picture.js';
import { Session } from '../app/session.js';
import { steadyRun } from '../app/steady.js';
import { announce, el } from '../lib/dom.js';
import { choice } from '../ui/choice.js';
import { comparisonAlbum } from '../ui/comparison-album.js';
import { comparisonSide } from '../ui/comparison-side.js';
import { comparisonTable } from '../ui/comparison-table.js';
import { errorNotice } from '../ui/notice.js';
import { pictureSource } from '../ui/picture-source.js';

const TASKS = { classification: 'Classify', segmentation: 'Segment' };
const TITLES = { left: 'Left model', right: 'Right model' };

const choosePicture = (source, name) => showPicture(makePicture(source, name));

export function mount(container) {
  const image = el('img', { alt: '' });
  image.addEventListener('error', () => (image.hidden = true));
  image.addEventListener('load', () => (image.hidden = false));
  const verdict = el('p', { class: 'verdict' });
  const figures = el('div', { class: 'stack' });
  const album = el('div', { class: 'stack' });
  const pictures = el('div');
  const models = el('div', { class: 'sides' });
  let task = linked('task') in TASKS ? linked('task') : 'classification';
  /** {session, view, unwatch} by side, while the panel is shown. */
  let sides = {};
  /** Entries by task and side, once they were chosen. */
  const chosen = {};
  let warm;
  /** Another object as soon as what is on its way is no longer wanted. */
  let current = {};

  async function begin() {
    end();
    const mine = (sides = Object.fromEntries(SIDES.map((side) => [side, makeSide(side)])));
    models.replaceChildren(...SIDES.map((side) => mine[side].view.node));
    pictures.replaceChildren(pictureSource(choosePicture, { task, current: currentPicture }));
    chosen[task] ??= await firstPair(task);
    if (mine === sides) await showSuitablePicture();
    await (warm ??= warmUp(task));
    // One after the other: a model that is loaded beside another one takes longer.
    for (const side of SIDES) if (mine === sides) await pick(side, chosen[task][side]);
  }

  /** Two more models need their memory only while they are seen. */
  function end() {
    const before = Object.values(sides);
    sides = {};
    for (const { session, unwatch } of before) {
      unwatch();
      session.dispose();
    }
    forget();
  }

  function makeSide(side) {
    const session = new Session(task);
    const view = comparisonSide(TITLES[side], session, (entry) => pick(side, entry));
    const unwatch = session.state.watch(({ status }) => {
      if (status === 'ready') return;
      view.clear();
      forget();
    });
    return { session, view, unwatch };
  }

  async function pick(side, entry) {
    if (!entry) return;
    chosen[task][side] = entry;
    link({ task, [side]: entry.origin === 'builtin' ? entry.id : undefined });
    await sides[side].session.use(entry);
    await update();
  }

  /** What was said of both models together is no longer true. */
  function forget() {
    current = {};
    verdict.textContent = '';
    for (const node of [figures, album]) node.replaceChildren();
  }

  async function update() {
    const picture = currentPicture.value;
    forget();
    const mine = current;
    const isWanted = () => mine === current;
    const both = SIDES.map((side) => sides[side]).filter(Boolean);
    for (const { session, view } of both) {
      view.clear();
      const { entry } = session.state.value;
      void view.hint(entry, picture && isOwnPicture(picture));
    }
    if (!picture || both.length === 0) return;
    const found = [];
    for (const side of both) found.push(await runOne(side, picture, isWanted));
    if (!isWanted() || found.includes(undefined)) return;
    const { text } = agreement(task, ...found.map(({ result }) => result));
    verdict.textContent = text;
    announce(text);
    showFigures(found);
    const sessions = both.map(({ session }) => session);
    album.replaceChildren(comparisonAlbum(task, sessions, isWanted));
    // In turns as well: two models that run at once share processors and memory.
    for (const one of found) {
      one.steady = await steadyRun(one.session, picture.source, one.result, isWanted);
      if (!isWanted()) return;
    }
    showFigures(found);
  }

  /** {session, state, result}; undefined while there is no model, and where it refuses the picture. */
  async function runOne({ session, view }, picture, isWanted) {
    if (session.state.value.status !== 'ready') return undefined;
    try {
      const result = await session.run(picture.source);
      if (!result || !isWanted()) return undefined;
      view.show(result, picture);
      return { session, state: session.state.value, result };
    } catch (error) {
      if (isWanted()) view.trouble.replaceChildren(errorNotice(error));
      return undefined;
    }
  }

  function showFigures(found) {
    const isTypical = found.every(({ steady }) => steady);
    const times = isTypical ? 'Times are typical of several runs.' : 'Times of one run.';
    const note = `Load is without the download, in all from picture to answer. ${times}`;
    const small = el('p', { class: 'muted small' }, note);
    figures.replaceChildren(comparisonTable(...found), small);
  }

  /** While nobody has chosen a picture: one that these models know. */
  async function showSuitablePicture() {
    if (showLinkedPicture(await samplesFor(task))) return;
    const { value } = currentPicture;
    if (value && !value.isDefault) return;
    const [sample] = await suitableSamples(task, chosen[task].left);
    if (!sample || sample.address === value?.address) return;
    showPicture(makePicture(sample.address, sample.name, true));
  }

  currentPicture.watch((picture) => {
    if (!picture) return;
    image.src = picture.address;
    image.alt = picture.name;
    void update();
  });
  const chooseTask = (name) => {
    task = name;
    link({ left: undefined, right: undefined });
    void begin();
  };
  const stage = el('figure', { class: 'stage' }, el('div', { class: 'frame' }, image));
  container.append(
    choice('What the models do', TASKS, task, chooseTask),
    el(
      'div',
      { class: 'split compare' },
      el('div', {}, stage, pictures),
      el('section', { 'aria-label': 'Comparison' }, verdict, figures, album),
    ),
    models,
  );
  return {
    files: { picture: choosePicture, model: (file) => pick('right', ownModel(file, task)) },
    show: begin,
    hide: end,
  };
}
