// Our decoder beside Chromium and libvips, on the odd pictures of odd.mjs and on files and folders:
//
//   node tests/pictures/compare.mjs [--all] [FILE|FOLDER...]
//
// Prints what differs (with --all every file) and a table of counts. Needs `npm run build -- simd`.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBrowser } from '../lib/browser.mjs';
import { differences } from '../lib/pictures.mjs';
import { oddPictures } from './odd.mjs';
import { ourDecoder } from './ours.mjs';
import { byChromium, byLibvips } from './references.mjs';

/** Largest difference of a channel that two good decoders of the format may have. */
export const TOLERANCE = { jpeg: 8, jpg: 8, JPEG: 8 };
const PICTURE = /\.(png|jpe?g|gif|bmp|apng|jfif)$/i;

function filesIn(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, name))
    .filter((file) => PICTURE.test(file) && statSync(file).isFile());
}

/** 'equal', 'close' (within the tolerance), 'differ …', 'refused by …'. */
export function verdict(name, ours, other, who) {
  if (!ours.rgb || !other.rgb) {
    if (!ours.rgb && !other.rgb) return 'refused by both';
    return ours.rgb ? `refused by ${who}` : 'refused by us';
  }
  if (ours.width !== other.width || ours.height !== other.height) {
    return `differ: ${ours.width} x ${ours.height}, not ${other.width} x ${other.height}`;
  }
  const { different, largest } = differences(ours.rgb, other.rgb);
  if (different === 0) return 'equal';
  const limit = TOLERANCE[name.split('.').at(-1)] ?? TOLERANCE[name.split('-')[0]] ?? 0;
  return largest <= limit
    ? 'close'
    : `differ: ${different} of ${ours.rgb.length} bytes, up to ${largest}`;
}

async function main() {
  const { values, positionals } = parseArgs({
    options: { all: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const { decode } = await ourDecoder();
  const browser = await startBrowser();
  const page = await browser.newPage();
  const counts = new Map();
  const pictures = [
    ...Object.entries(oddPictures()),
    ...positionals.flatMap(filesIn).map((file) => [file, readFileSync(file)]),
  ];
  for (const [name, bytes] of pictures) {
    const ours = await decode(new Uint8Array(bytes));
    const verdicts = [
      verdict(name, ours, await byChromium(page, bytes), 'Chromium'),
      verdict(name, ours, await byLibvips(bytes), 'libvips'),
    ];
    const kind = positionals.some((path) => name.startsWith(path))
      ? /[^.]*$/.exec(name)[0].toLowerCase()
      : name.split('-')[0];
    const key = `${kind.replace('jpeg', 'jpg').padEnd(5)} ${verdicts.map((v) => v.split(':')[0].padEnd(20)).join(' ')}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const isPlain = verdicts.every((v) => /^(equal|close|refused by both)$/.test(v));
    if (values.all || !isPlain) {
      console.log(
        `${basename(name).padEnd(44)} Chromium: ${verdicts[0]}; libvips: ${verdicts[1]}${ours.message ? `; ${ours.message}` : ''}`,
      );
    }
  }
  await browser.close();
  console.log(
    `\n${pictures.length} pictures\nkind  Chromium             libvips              files`,
  );
  for (const [key, count] of [...counts].sort()) console.log(`${key} ${String(count).padStart(5)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
