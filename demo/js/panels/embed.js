/** Which pictures are alike? */
import { cosineSimilarity } from '../../dist/web-core.js';
import { defaultModel, ownModel, samplesFor } from '../app/catalog.js';
import { makePicture } from '../app/picture.js';
import { sessions } from '../app/session.js';
import { typicalRun } from '../app/steady.js';
import { Words } from '../app/words.js';
import { announce, el } from '../lib/dom.js';
import { hideFacts, showFacts } from '../ui/facts.js';
import { errorNotice } from '../ui/notice.js';
import { modelBar } from '../ui/model-bar.js';
import { neighbourList } from '../ui/neighbours.js';
import { pictureMap } from '../ui/picture-map.js';
import { pictureSource } from '../ui/picture-source.js';
import { similarityMatrix } from '../ui/similarity-matrix.js';
import { timingPanel } from '../ui/timing.js';
import { wordSearch } from '../ui/word-search.js';

/** Samples that are there from the start; the gallery offers the others. */
const FIRST = 10;

export async function mount(container) {
  const session = sessions.embeddings;
  /** {picture, vector}: the vector is missing until the model has seen the picture. */
  let items = [];
  let selected = null;
  /** Whether the visitor has selected it. */
  let isChosen = false;
  const trouble = el('div');
  const shelf = el('ul', { class: 'shelf', 'aria-label': 'Pictures to compare' });
  const views = el('div', { class: 'stack' });
  const words = new Words();
  const entryNow = () => session.state.value.entry;
  const search = wordSearch((text, onProgress) => words.embed(entryNow().text, text, onProgress));
  const timing = timingPanel(session, () => items[0]?.picture);

  /** What the line below the headline says while this panel is shown. */
  let facts = [];
  const tellFacts = (...next) => {
    facts = next;
    if (facts.length > 0) showFacts(...facts);
    else hideFacts();
  };

  const add = (source, name) => {
    items.push({ picture: makePicture(source, name) });
    void embedAll();
  };
  const select = (item) => {
    [selected, isChosen] = [item, true];
    render();
    // The button that had the focus has been replaced.
    shelf.querySelector('[aria-pressed=true]')?.focus();
  };
  const remove = (item) => {
    items = items.filter((one) => one !== item);
    if (selected === item) selected = null;
    announce(`${item.picture.name} removed`);
    render();
    shelf.querySelector('button:enabled')?.focus();
  };

  function render() {
    const done = items.filter(({ vector }) => vector);
    if (!isChosen || !done.includes(selected)) selected = withTwin(done);
    search.show(entryNow()?.text, done);
    shelf.replaceChildren(
      ...items.map((item) => shelfItem(item, item === selected, select, remove)),
    );
    if (done.length < 2) {
      const isReady = session.state.value.status === 'ready';
      const hint = el('p', { class: 'notice' }, 'Add pictures to compare them.');
      views.replaceChildren(...(isReady && items.length < 2 ? [hint] : []));
      return;
    }
    views.replaceChildren(
      search.node,
      neighbourList(done, selected),
      pictureMap(done, selected, select),
      similarityMatrix(done, selected),
    );
  }

  /** One after another; pictures that come meanwhile are taken too. */
  let working = null;
  function embedAll() {
    working ??= work().finally(() => (working = null));
    return working;
  }
  async function work() {
    const results = [];
    render();
    for (;;) {
      const item = items.find(({ vector, failed }) => !vector && !failed);
      if (!item) return;
      try {
        const result = await session.run(item.picture.source);
        if (!result) return;
        item.vector = result.vector;
        results.push(result);
        const shown = results.length > 1 ? typicalRun(results) : result;
        timing.show(shown);
        tellFacts(session.state.value, shown);
      } catch (error) {
        item.failed = true;
        trouble.replaceChildren(errorNotice(error));
      }
      render();
    }
  }

  const pick = async (entry) => {
    for (const item of items) [item.vector, item.failed] = [undefined, false];
    trouble.replaceChildren();
    timing.clear();
    tellFacts();
    render();
    words.dispose();
    await session.use(entry);
    await embedAll();
  };

  container.append(
    modelBar(session, pick),
    el(
      'div',
      { class: 'split three' },
      el('div', {}, el('h2', {}, 'Pictures'), shelf, trouble),
      views,
      el(
        'div',
        {},
        el('h2', {}, 'Add more'),
        pictureSource(add, { task: session.name, multiple: true, skip: FIRST }),
        timing.node,
      ),
    ),
  );
  const samples = await samplesFor(session.name);
  for (const { address, name } of samples.slice(0, FIRST)) {
    items.push({ picture: makePicture(address, name) });
  }
  return {
    files: {
      picture: add,
      model: (file) => pick(ownModel(file, 'embeddings')),
    },
    async show() {
      tellFacts(...facts);
      const isIdle = session.state.value.status === 'idle';
      const entry = isIdle && (await defaultModel('embeddings'));
      if (entry) await pick(entry);
      else await embedAll();
    },
  };
}

/** The picture that has another one most like it: where to begin. */
function withTwin(items) {
  const nearest = ({ vector }) =>
    Math.max(
      ...items.map((one) => (one.vector === vector ? -1 : cosineSimilarity(vector, one.vector))),
    );
  return items.reduce((best, item) => (best && nearest(best) >= nearest(item) ? best : item), null);
}

function shelfItem(item, isSelected, select, remove) {
  const { picture, vector } = item;
  return el(
    'li',
    {},
    el(
      'button',
      {
        type: 'button',
        class: 'sample',
        'aria-pressed': String(isSelected),
        disabled: !vector,
        title: picture.name,
        onclick: () => select(item),
      },
      el('img', { src: picture.address, alt: picture.name, width: 64, height: 64 }),
    ),
    el(
      'button',
      {
        type: 'button',
        class: 'remove',
        'aria-label': `Remove ${picture.name}`,
        onclick: () => remove(item),
      },
      '×',
    ),
  );
}
