/** What the panels of classification and segmentation share: a model, a picture, a run when either changes. */
import { errorNotice } from '../ui/notice.js';
import { defaultModel, loadBuiltin, ownModel } from './catalog.js';
import { currentPicture, makePicture, showPicture } from './picture.js';

/**
 * @param session of the task.
 * @param trouble element for failures.
 * @param show called with (result, picture) after each run.
 * @returns what main.js expects of a panel, and pick(entry) for the model bar.
 */
export function taskPanel(session, trouble, show) {
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
      trouble.replaceChildren();
      show(result, picture);
    } catch (error) {
      done = { picture, entry };
      trouble.replaceChildren(errorNotice(error));
    }
  }

  const pick = async (entry) => {
    await session.use(entry);
    await update();
  };
  currentPicture.watch(() => void update());

  return {
    pick,
    files: {
      picture: (blob, name) => showPicture(makePicture(blob, name)),
      model: (file) => pick(ownModel(file, session.name)),
    },
    async show() {
      isShown = true;
      if (session.state.value.status === 'idle') void pick(await defaultModel(session.name));
      else void update();
      if (!currentPicture.value) await showFirstSample();
    },
    hide() {
      isShown = false;
    },
  };
}

async function showFirstSample() {
  const [first] = (await loadBuiltin()).samples;
  if (!currentPicture.value) showPicture(makePicture(first.address, first.name));
}
