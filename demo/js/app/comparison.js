/** Two models and one picture: which ones to begin with, and how far their answers agree. */
import { shortLabel } from '../lib/format.js';
import { modelsFor, samplesFor } from './catalog.js';
import { linked } from './permalink.js';
import { Session } from './session.js';

export const SIDES = ['left', 'right'];
/** More of the shorter list's labels than this share must be in the other one, too, for answers to be comparable. */
const MOST_UNKNOWN = 0.5;

/**
 * The models that a comparison begins with: those that the page's address names, else the first one that comes with the page in two
 * forms. @returns {left, right}, entries of the catalogue.
 */
export async function firstPair(task) {
  const own = (await modelsFor(task)).filter(({ origin }) => origin === 'builtin');
  const ofTitle = (one) => own.filter(({ title }) => title === one.title);
  const twins = own.map(ofTitle).find(({ length }) => length > 1) ?? own;
  const named = (side) => own.find(({ id }) => id === linked(side));
  const left = named('left') ?? twins[0];
  const right = named('right') ?? twins.find((one) => one !== left) ?? twins[0];
  return { left, right };
}

/**
 * Loads the smallest model that comes with the page and lets it go. The first model of a page also waits for the library's core to be
 * compiled, which a comparison would hold against it.
 */
export async function warmUp(task) {
  const own = (await modelsFor(task)).filter(({ origin }) => origin === 'builtin');
  const [entry] = own.sort((a, b) => a.bytes - b.bytes);
  if (!entry) return;
  const session = new Session(task);
  await session.use(entry);
  session.dispose();
}

/** The samples that models of this kind know; all of them for a model of which nothing is known. */
export async function suitableSamples(task, { group }) {
  const samples = await samplesFor(task);
  if (group === 'photo') return samples.filter(({ isPhoto }) => isPhoto);
  if (group !== 'drawn') return samples;
  const isMap = task === 'segmentation';
  return samples.filter(({ isPhoto, isScene }) => !isPhoto && isMap === Boolean(isScene));
}

/** {isComparable, share, text}: share is 0..1, of two results of the same task and picture; text says it in words. */
export function agreement(task, left, right) {
  if (!knowTheSame(left.entry.labels, right.entry.labels)) {
    const text = 'These models know different things, so only times and sizes can be compared.';
    return { isComparable: false, share: 0, text };
  }
  const compare = task === 'segmentation' ? compareMaps : compareScores;
  return { isComparable: true, ...compare(left, right) };
}

function knowTheSame(some, others) {
  const known = new Set(others);
  const shared = some.filter((label) => known.has(label)).length;
  return shared > MOST_UNKNOWN * Math.min(some.length, others.length);
}

function compareScores({ scores: left }, { scores: right }) {
  const [one] = left;
  const [other] = right;
  const names = new Set(right.map(({ label }) => label));
  const shared = left.filter(({ label }) => names.has(label)).length;
  const isSame = one.label === other.label;
  const first = isSame
    ? `Both say “${shortLabel(one.label)}”.`
    : `Left says “${shortLabel(one.label)}”, right says “${shortLabel(other.label)}”.`;
  const isAll = shared === left.length && shared === right.length;
  const rest = isAll
    ? `Their first ${shared} answers are the same.`
    : `${shared} of the first ${left.length} answers are the same.`;
  return { share: Number(isSame), text: `${first} ${rest}` };
}

/** Classes are compared by name, on the grid of the left map. */
function compareMaps(left, right) {
  let same = 0;
  for (let y = 0; y < left.height; y++) {
    const row = Math.floor((y * right.height) / left.height) * right.width;
    for (let x = 0; x < left.width; x++) {
      const column = Math.floor((x * right.width) / left.width);
      const here = left.entry.labels[left.classes[y * left.width + x]];
      same += here === right.entry.labels[right.classes[row + column]] ? 1 : 0;
    }
  }
  const share = same / left.classes.length;
  return { share, text: `They give ${(100 * share).toFixed(1)} % of the pixels the same class.` };
}
