/** What the panels of classification and segmentation share: a model, a picture, a run when either changes. */
import { hideFacts, showFacts } from '../ui/facts.js';
import { errorNotice } from '../ui/notice.js';
import { defaultModel, ownModel, samplesFor } from './catalog.js';
import { link } from './permalink.js';
import { currentPicture, makePicture, showLinkedPicture, showPicture } from './picture.js';
import { steadyRun } from './steady.js';

/**
 * @param session of the task.
 * @param trouble element for failures; @param timing panel that shows where the time went.
 * @param show called with (result, picture) after each run; @param clear takes it from the screen.
 * @returns what main.js expects of a panel, and pick(entry) for the model bar.
 */
export function taskPanel(session, { trouble, timing }, show, clear) {
  let isShown = false;
  /** What the result on the screen was made from. */
  let done = {};

  async function update() {
    const picture = currentPicture.value;
    const { entry } = session.state.value;
    if (!isShown || !picture || !entry) return;
    if (done.picture === picture && done.entry === entry) return;
    try {
      const result = await session.run(picture.source);
      if (!result || picture !== currentPicture.value) return;
      done = { picture, entry: result.entry };
      showTrouble();
      show(result, picture);
      await showTimes(picture, result);
    } catch (error) {
      done = { picture, entry };
      showTrouble(errorNotice(error));
    }
  }

  function showTrouble(...notices) {
    trouble.replaceChildren(...notices);
    if (notices.length > 0) forget();
  }

  /** An answer of another model, or to another picture, stands beside nothing. */
  function forget() {
    clear();
    timing.clear();
    tellFacts();
  }

  /** What the line below the headline says while this panel is shown; nothing without a model that has answered. */
  let facts = [];
  function tellFacts(...next) {
    facts = next;
    if (!isShown) return;
    if (facts.length > 0) showFacts(...facts);
    else hideFacts();
  }

  async function showTimes(picture, result) {
    const state = session.state.value;
    const { entry } = state;
    const isWanted = () =>
      isShown && picture === currentPicture.value && entry === session.state.value.entry;
    timing.show(result);
    tellFacts(state, result);
    const steady = await steadyRun(session, picture.source, result, isWanted);
    if (!steady) return;
    timing.show(steady);
    tellFacts(state, steady);
  }

  const pick = async (entry) => {
    link({ model: entry.origin === 'builtin' ? entry.id : undefined });
    await session.use(entry);
    await update();
  };
  const useDefault = async () => {
    const entry = await defaultModel(session.name);
    if (entry) await pick(entry);
  };
  currentPicture.watch(() => void update());
  session.state.watch(({ status }) => {
    if (status === 'ready') return;
    done = {};
    showTrouble();
    forget();
  });

  return {
    pick,
    files: {
      picture: (blob, name) => showPicture(makePicture(blob, name)),
      model: (file) => pick(ownModel(file, session.name)),
    },
    async show() {
      isShown = true;
      tellFacts(...facts);
      if (session.state.value.status === 'idle') void useDefault();
      else void update();
      if (currentPicture.value?.isDefault ?? true) await showFirstSample(session.name);
    },
    hide() {
      isShown = false;
    },
  };
}

async function showFirstSample(task) {
  const samples = await samplesFor(task);
  if (showLinkedPicture(samples)) return;
  const [first] = samples;
  const { value } = currentPicture;
  if (first && (!value || (value.isDefault && value.address !== first.address))) {
    showPicture(makePicture(first.address, first.name, true));
  }
}
