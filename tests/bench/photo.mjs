// The photo model on every photo that has a name: top-1, top-5, what it takes others for, agreement of its forms, and milliseconds, in
// the engine that EW_BROWSER names, on EW_THREADS threads (default 1): node tests/bench/photo.mjs [FOLDER of more forms]. Needs a complete dist and ../shared.
//
// Forms are models/photo/efficientnet_lite0_*.{pte,tflite} and those of FOLDER, by default the .tflite that the site has;
// models/export/photo.py also writes one in fp32, models/export/photo_tflite.py another .tflite.
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startBrowser } from '../lib/browser.mjs';
import { TITLE } from '../lib/engines.mjs';
import { ROOT, SHARED } from '../lib/shared.mjs';

const IMAGES = join(SHARED, 'data/images');
const LABELS = readFileSync(join(ROOT, 'models/labels/imagenet1k.txt'), 'utf8').trim().split('\n');
const RUNS = process.env.EW_BENCH_QUICK ? 10 : 50;

/** Numbers of ImageNet's classes: from, to. */
const KINDS = {
  bird: [
    [7, 24],
    [80, 100],
    [127, 146],
  ],
  'small bird': [[10, 16]],
  owl: [[24, 24]],
  parrot: [[87, 90]],
  dog: [[151, 268]],
  cat: [[281, 285]],
  car: [
    [436, 436],
    [468, 468],
    [479, 479],
    [511, 511],
    [609, 609],
    [627, 627],
    [656, 656],
    [661, 661],
    [717, 717],
    [751, 751],
    [817, 817],
  ],
  uniform: [[652, 652]],
  burger: [[933, 933]],
  coffee: [
    [504, 505],
    [550, 550],
    [967, 968],
  ],
};

/** Photos that are no ImageNet samples, and their kind. The rest of the folder are masks, copies and scenes of many things. */
const OTHERS = {
  'coral_bird.bmp': 'bird',
  'coral_cat.bmp': 'cat',
  'coral_dog_segmentation.bmp': 'dog',
  'coral_grace_hopper.bmp': 'uniform',
  'coral_owl.jpg': 'owl',
  'coral_parrot.jpg': 'parrot',
  'djl_kitten.jpg': 'cat',
  'etflutter_car.jpg': 'car',
  'etflutter_cat.jpg': 'cat',
  'etflutter_dog.jpg': 'dog',
  'support_burger.jpg': 'burger',
  'support_sparrow.png': 'small bird',
  'tfex_coffee.jpg': 'coffee',
  'tfex_grace_hopper.jpg': 'uniform',
  'yolox_dog.jpg': 'dog',
};

const isOfKind = (kind) => (label) => {
  const index = LABELS.indexOf(label);
  return KINDS[kind].some(([from, to]) => index >= from && index <= to);
};

/** [{address, name, isRight(label)}] */
function photos() {
  const numbers = new Map(
    LABELS.flatMap((line) => line.split(', ').map((name) => [name.toLowerCase(), line])).reverse(),
  );
  const samples = readdirSync(join(IMAGES, 'imagenet')).flatMap((file) => {
    const name = file
      .replace(/^n\d+_(.*)\.\w+$/, '$1')
      .replaceAll('_', ' ')
      .toLowerCase();
    const label = numbers.get(name);
    const address = `/shared/data/images/imagenet/${file}`;
    return label
      ? [{ address, name: file, group: 'ImageNet', isRight: (one) => one === label }]
      : [];
  });
  const others = Object.entries(OTHERS)
    .filter(([file]) => existsSync(join(IMAGES, 'photos', file)))
    .map(([file, kind]) => ({
      ...{ address: `/shared/data/images/photos/${file}`, name: file, group: 'others' },
      isRight: isOfKind(kind),
    }));
  return [...samples, ...others];
}

/** {name, address, bytes} of each form that is here. */
function forms(folder) {
  const here = (path, prefix) =>
    existsSync(path)
      ? readdirSync(path)
          .filter((name) => /^efficientnet_lite0_\w+\.(pte|tflite)$/.test(name))
          .map((name) => ({
            ...{ name, address: `${prefix}${name}`, bytes: statSync(join(path, name)).size },
          }))
      : [];
  const own = here(join(ROOT, 'models/photo'), '/models/photo/');
  const more = here(folder, '/forms/');
  return [...own, ...more.filter(({ name }) => !own.some((one) => one.name === name))];
}

/** Runs in the page: {answers: [five labels, or what is wrong], load, times}. */
async function classifyAll({ modelSource, labels, addresses, runs, threads }) {
  const { ClassificationModule, configure } = await import('/dist/web-core.js');
  configure({ store: 'none', threads });
  const module = new ClassificationModule();
  await module.load({ modelSource, labels });
  const answers = [];
  for (const address of addresses) {
    const blob = await (await fetch(address)).blob();
    const classes = await module.classify(blob, { topk: 5 }).catch((error) => error.message);
    answers.push(typeof classes === 'string' ? classes : classes.map(({ label }) => label));
  }
  const times = [];
  for (let i = 0; i < runs; i++) {
    await module.classify(addresses[0], { topk: 5 });
    times.push(module.timings.run);
  }
  const { variant } = module.loadReport;
  module.delete();
  return { answers, times, variant };
}

const short = (label) => label.split(',')[0];
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

function judge({ answers }, pictures, group) {
  const those = pictures.map((one, i) => [one, answers[i]]).filter(([one]) => one.group === group);
  const right = those.filter(([{ isRight }, [best]]) => isRight(best));
  const among = those.filter(([{ isRight }, five]) => Array.isArray(five) && five.some(isRight));
  const wrong = those.filter((one) => !right.includes(one));
  return {
    top1: `${right.length}/${those.length}`,
    top5: `${among.length}/${those.length}`,
    confused: wrong.map(([{ name }, [best]]) => `${name} as ${short(best)}`),
  };
}

const threads = Number(process.env.EW_THREADS ?? 1);
const folder = resolve(process.argv[2] ?? join(ROOT, 'build/site/models/photo'));
const pictures = photos();
const mounts = { '/forms/': folder };
const browser = await startBrowser({ isolated: threads > 1, mounts });
const page = await browser.newPage();
const found = [];
for (const form of forms(folder)) {
  const addresses = pictures.map(({ address }) => address);
  const argument = { modelSource: form.address, labels: LABELS, addresses, runs: RUNS, threads };
  found.push({ ...form, ...(await page.evaluate(classifyAll, argument)) });
}
await browser.close();

const reference =
  found.find(({ name }) => /fp32/.test(name)) ??
  found.find(({ name }) => /w8/.test(name)) ??
  found[0];
const rows = found.map((one) => {
  const agreed = pictures.filter((_, i) => one.answers[i][0] === reference.answers[i][0]).length;
  const [imagenet, others] = ['ImageNet', 'others'].map((group) => judge(one, pictures, group));
  return {
    form: one.name,
    MB: (one.bytes / 1e6).toFixed(2),
    'top-1': imagenet.top1,
    'top-5': imagenet.top5,
    'others, top-1': others.top1,
    [`as ${reference.name}`]: `${agreed}/${pictures.length}`,
    build: one.variant,
    'ms: min (median)': `${Math.min(...one.times).toFixed(1)} (${median(one.times).toFixed(1)})`,
  };
});
const notes = found.flatMap((one) =>
  ['ImageNet', 'others'].map(
    (group) =>
      `${one.name}, ${group}, wrong: ${judge(one, pictures, group).confused.join('; ') || 'none'}`,
  ),
);
const columns = Object.keys(rows[0]);
console.log(`${TITLE} ${browser.version}, ${RUNS} runs, threads: ${threads}`);
console.log(
  [columns, columns.map(() => '---'), ...rows.map(Object.values)]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n'),
);
for (const note of notes) console.log(`- ${note}`);
if (process.env.EW_BENCH_REPORT) {
  const title = `The photo model, ${TITLE}`;
  const report = { title, columns, rows: rows.map(Object.values), notes };
  writeFileSync(process.env.EW_BENCH_REPORT, JSON.stringify(report));
}
